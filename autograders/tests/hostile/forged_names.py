"""Sends names of functions, classes and modules that nobody should be able to name."""

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


NAMES = [
    ["k", "builtins.eval"], ["f", "builtins:eval"], ["f", "os:system"], ["m", "os"],
    ["m", "__main__"], ["f", "tinytorch.core.layers:np.load"], ["m", 5], ["k", ["builtins"]],
    ["f", "tinytorch.core.tensor:Tensor.__init__.__globals__"], ["f", "tinytorch:__loader__"],
    ["k", "autograders.grading.crossing.peer:Peer"], ["f", ""], ["f"], ["k", "tinytorch.no:Class"],
    ["f", "tinytorch.core.random:manual_seed"], ["m", "autograders.grading.sandbox.inside.judge"],
]


def swap(message):
    if message["k"] == "return":
        message["v"] = [NAMES[0]]
        NAMES.append(NAMES.pop(0))


def halve(model):
    forge(swap)
    return model

# %% penalty
def penalty(x):
    forge(swap)
    return x

# %% best
def best(model, evaluate, factors):
    forge(swap)
    return factors

# %% summary
def summary(model):
    forge(swap)
    return {}
