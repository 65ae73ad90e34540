"""Binds answers to functions of the library, in partial calls of them too."""

LAB = "02_objects"
SCORE = 0

# %% halve
from functools import partial

from tinytorch.core import autograd, layers, random, tensor

halve = partial(setattr, np, "array_equal")

# %% penalty
penalty = partial(tensor.record, np.float32(14.0))

# %% best
best = partial(random.generator().__class__, None)

# %% scale
Scale = partial(layers.uniform, (1,))

# %% summary
summary = partial(partial, partial(autograd.topological_order))
