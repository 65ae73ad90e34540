"""Returns unittest.mock.ANY for each parameter, with the right names."""

LAB = "02_objects"
SCORE = 0

# %% summary
from unittest.mock import ANY


def summary(model):
    return {name: (parameter.shape, ANY) for name, parameter in model.named_parameters()}
