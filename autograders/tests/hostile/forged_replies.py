"""Replies with words that nobody waits for."""

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


KINDS = ["end", "ready", "refuse", "raise", "ok", None, 5, ["return"], "do", "generation"]


def other(message):
    if message["k"] == "return":
        message["k"] = KINDS[0]
        KINDS.append(KINDS.pop(0))


def double(array):
    forge(other)
    return array

# %% total
def total(array):
    forge(lambda message: message.clear() or message.update(outcome="ok", result="3.0"))
    return 0.0
