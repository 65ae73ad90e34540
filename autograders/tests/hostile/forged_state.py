"""Says that random generators, gradients, warnings and NumPy are in states that they cannot be in."""

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


STATES = [
    ["tinytorch", 5], ["tinytorch", ["t"]], ["numpy", ["t", ["b", "x"], -1, 7, None]],
    ["random", ["t", 3, ["t", *[0] * 625], None]], ["gradients", ["t"]], ["nothing", None],
    ["errors", ["t", ["t", "all", "raise"]]], ["warnings", ["t"]], [None, None], ["numpy", 10**30],
]


def other(message):
    message["s"] = [STATES[0]]
    STATES.append(STATES.pop(0))


def halve(model):
    forge(other)
    return model

# %% penalty
def penalty(x):
    forge(other)
    return x

# %% best
def best(model, evaluate, factors):
    forge(other)
    evaluate(model)
    return factors[0]

# %% summary
def summary(model):
    forge(other)
    return {}
