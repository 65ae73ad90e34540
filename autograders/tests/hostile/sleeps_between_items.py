"""Hands out its parameters one in a second, and there is always one more."""

LAB = "02_objects"
SCORE = 0

# %% scale
import time


class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def parameters(self):
        for _ in range(20):
            time.sleep(1)
            yield self.factor

    def forward(self, x):
        return x
