"""Has a right value, and a derivative that ends Python's loops."""

LAB = "02_objects"
SCORE = 0

# %% penalty
from tinytorch.core.tensor import record


def penalty(x):
    def back(gradient):
        raise StopIteration

    return record((x.data * x.data).sum(), (x, back))
