"""Says that a tensor was computed from itself, and from objects that are no tensors."""

LAB = "02_objects"
SCORE = 0

# %% halve
import json


def forge(change):
    line = get_ipython().kernel.answers.peer.line
    send = line.send

    def sending(text, contents):
        message = json.loads(text)
        change(message)
        send(json.dumps(message), contents)

    line.send = sending


count = 0


def other(message):
    global count
    for node in message["n"]:
        if node[0] == "T" and node[4]:
            graph, shared = node[4]
            node[4] = [
                [graph, [[node[1]], *shared]],
                [graph, shared * 1000],
                [graph, [None, 5]],
                [[node[1]], shared],
                [graph],
                "graph",
            ][count % 6]
            count += 1


def halve(model):
    forge(other)
    model.losses = [(p * p).sum() for p in model.parameters()]
    return model

# %% penalty
def penalty(x):
    forge(other)
    return (x * x).sum() + Tensor(0.0, requires_grad=True)
