"""Returns mocks, which have every attribute and every method."""

LAB = "02_objects"
SCORE = 0

# %% penalty
from unittest.mock import MagicMock


def same():
    mock = MagicMock()
    mock.__eq__.side_effect = lambda other: True
    mock.shape = ()
    mock.item.return_value = mock
    return mock


def penalty(x):
    return same()

# %% best
def best(model, evaluate, factors):
    return same()

# %% scale
Scale = MagicMock()

# %% summary
def summary(model):
    return same()
