"""Sends values that cannot be made: empty steps, dates of year 0, generators of nothing."""

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


SLOTS = [
    ["r", 0, 1, 0], ["fr", 1, 0], ["de", "x"], ["dt", 0, 0, 0, 0, 0, 0, 0, None], ["i", "zz"],
    ["np", "|O", "x"], ["tu", "class", ["def", "def"], 1], ["pt", 5, ["t"], ["t"]], ["mp", 5],
    ["uu", ""], ["ty", "f8,f8"], ["fs", ["fs", [1]]], ["sl"], ["t", ["t", ["e", 1]]], ["b", "\u1234"],
    ["c", "nan", None], ["td", 10**12, 0, 0], ["pa", "\0"], ["zz"],
]


def swap(message):
    if message["k"] == "return":
        message["v"] = [["t", *SLOTS[:1]]]
        SLOTS.append(SLOTS.pop(0))


def double(array):
    forge(swap)
    return array

# %% total
def total(array):
    forge(swap)
    return 0.0
