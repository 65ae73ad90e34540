"""Announces messages of more bytes than there are, and of none."""

SCORE = 0

# %% double
def raw(*texts):
    connection = get_ipython().kernel.answers.peer.line.connection
    for text in texts:
        connection.sendall(text)


import struct


def double(array):
    raw(struct.pack(">IQ", 2**32 - 1, 2**64 - 1), b"x" * 1000)
    return array

# %% total
def total(array):
    raw(struct.pack(">IQ", 0, 60 * 2**20), bytes(2**20), struct.pack(">IQ", 0, 0) * 10)
    return 0.0
