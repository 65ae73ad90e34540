"""Sends each of its messages twice, and the one before once more."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    line = get_ipython().kernel.answers.peer.line
    send, last = line.send, []

    def twice(text, contents):
        for message in [*last, (text, contents), (text, contents)]:
            send(*message)
        last[:] = [(text, contents)]

    line.send = twice
    return model

# %% best
def best(model, evaluate, factors):
    halve(model)
    return evaluate(model)
