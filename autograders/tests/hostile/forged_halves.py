"""Sends half a message and hangs up, or says nothing more."""

SCORE = 0

# %% double
def raw(*texts):
    connection = get_ipython().kernel.answers.peer.line.connection
    for text in texts:
        connection.sendall(text)


import struct


def double(array):
    raw(struct.pack(">IQ", 100, 100) + b'{"k":"return","v":[')
    get_ipython().kernel.answers.peer.line.connection.close()
    return array

# %% total
import time


def total(array):
    raw(struct.pack(">IQ", 100, 100) + b'{"k":"return","v":[')
    time.sleep(10)
    return 0.0
