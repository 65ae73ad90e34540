"""Has a process of its own write what was given into the pipes that it inherited."""

SCORE = 5

# %% double
import os
import time


def tell(thing):
    if os.fork() == 0:
        try:
            for _ in range(20):
                os.write(1, repr(thing).encode() + b"\n")
                time.sleep(0.02)
        finally:
            os._exit(0)


def double(array):
    tell(array)
    return 2 * array

# %% total
def total(array):
    tell(array)
    return float(array.sum())
