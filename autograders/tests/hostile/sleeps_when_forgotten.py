"""Sleeps for two seconds when its object is forgotten."""

SCORE = 0

# %% double
import time


class Tired(float):
    def __del__(self):
        time.sleep(2)


def double(array):
    return [Tired(2.0), Tired(4.0)]

# %% total
def total(array):
    return Tired(0.0)
