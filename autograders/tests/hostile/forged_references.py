"""Answers with numbers of objects that are not there, or that it was never given."""

SCORE = 0

# %% double
import json


def forge(change):
    line = get_ipython().kernel.answers.peer.line
    send = line.send

    def sending(text, contents):
        message = json.loads(text)
        change(message)
        send(json.dumps(message), contents)

    line.send = sending


WRONG = [[2], [-1], [0], [10**30], [True], [1.0], [[1]], [None], ["1"], []]


def swap(message):
    if message["k"] == "return":
        message["v"] = [WRONG[0]]
        WRONG.append(WRONG.pop(0))


def double(array):
    forge(swap)
    return array

# %% total
def total(array):
    forge(swap)
    return 0.0
