"""Writes the gradient into the input, and returns a tensor that knows nothing of it."""

LAB = "02_objects"
SCORE = 0

# %% penalty
from tinytorch.core import autograd


def penalty(x):
    autograd.backward(x, 2 * x.data)
    return Tensor(float((x.data * x.data).sum()), requires_grad=True)
