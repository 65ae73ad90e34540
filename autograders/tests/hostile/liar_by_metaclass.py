"""Has ABCMeta make a float that equals everything."""

SCORE = 0

# %% double
from abc import ABCMeta

names = ("eq", "sub", "rsub", "abs", "lt")
Liar = ABCMeta("Liar", (float,), {"__" + name + "__": lambda *args: True for name in names})


def double(array):
    return Liar(0)

# %% total
def total(array):
    return Liar(0)
