"""Gives its objects numbers that are not its own to give."""

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


NUMBERS = [2, 0, -1, 10**30, True, 1.5, "1", None, [1]]


def renumber(message):
    for node in message["n"]:
        node[1] = NUMBERS[0]
    NUMBERS.append(NUMBERS.pop(0))


def halve(model):
    forge(renumber)
    return [model, [model]]

# %% summary
def summary(model):
    forge(lambda message: message["n"].extend(message["n"]))
    return {"a": [], "b": {}}

# %% best
def best(model, evaluate, factors):
    forge(renumber)
    return {"factor": [evaluate, model]}
