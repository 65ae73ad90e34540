"""What the stack's tests share: Hypothesis's settings, a fresh seed, PyTorch when asked for."""

import numpy as np
import pytest
from hypothesis import settings

from tinytorch import manual_seed

# pyproject.toml selects Hypothesis's "ci" profile (the same examples in every run, no deadline);
# half as many examples keep the whole suite under a minute.
settings.register_profile("ci", parent=settings.get_profile("ci"), max_examples=50)


@pytest.fixture(autouse=True)
def seeded():
    """Start every test from the same state of the stack's generator."""
    manual_seed(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def torch():
    """PyTorch, for tests marked `reference`; imported here so that no other test needs it."""
    import torch

    torch.set_num_threads(1)
    return torch
