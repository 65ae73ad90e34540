"""Sends objects of kinds that there are not, and objects that are no lists."""

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


NODES = [["ZZ", 1001], [None, 1003], [["L"], 1005], {}, [], 5, ["L"], ["C", 1007], ["GR", 1009, 1]]


def add(message):
    message["n"].append(NODES[0])
    NODES.append(NODES.pop(0))


def double(array):
    forge(add)
    return array

# %% total
def total(array):
    forge(lambda message: message.update(n={}, g=None))
    return 0.0
