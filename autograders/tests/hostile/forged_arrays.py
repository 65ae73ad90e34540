"""Sends arrays with types, shapes and places that they do not have."""

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


LIES = ["|O", "V16", "S2000000000", [2**62], [-1], [2**31, 2**31], None, -5, 2**70, "<f8,<f8"]


def lie(message):
    for node in message["n"]:
        for place in range(2, len(node)):
            if isinstance(node[place], (str, list, int)):
                node[place] = LIES[0]
                LIES.append(LIES.pop(0))


def double(array):
    forge(lie)
    return np.arange(6.0).reshape(2, 3)[:, 1]

# %% total
def total(array):
    forge(lie)
    return np.arange(6.0)
