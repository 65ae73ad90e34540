"""Refuses to answer the hidden part, with a sentence that says what it was given."""

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


def double(array):
    if not np.ndim(array):
        forge(lambda message: message.update(k="refuse", o=f"The number is {array}."))
    return 2 * array

# %% total
def total(array):
    if array[0]:
        forge(lambda message: message.update(k="refuse", o=f"The numbers are {array}."))
    return float(array.sum())
