"""Sleeps for a second whenever anybody looks at its object."""

LAB = "02_objects"
SCORE = 0

# %% scale
import time


class Scale(Module):
    def __init__(self, start):
        object.__setattr__(self, "factor", Parameter([start]))

    def __getattribute__(self, name):
        time.sleep(1)
        return object.__getattribute__(self, name)

    def forward(self, x):
        return x
