"""The one source of randomness of the stack.

Weight initialisation, dropout and shuffling draw from the generator kept here, so a single
:func:`manual_seed` makes a whole run repeatable.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

_generator = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Restart the stack's random generator.

    Parameters
    ----------
    seed : int
        Any non-negative integer. The same seed gives the same weights, masks and shuffles.

    Examples
    --------
    >>> manual_seed(0)
    >>> first = generator().random()
    >>> manual_seed(0)
    >>> first == generator().random()
    True
    """
    global _generator
    _generator = np.random.default_rng(seed)


def generator() -> np.random.Generator:
    """Return the generator that layers and loaders draw from."""
    return _generator


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from a generator of this seed inside the ``with`` block, and go on as before after it.

    Examples
    --------
    >>> manual_seed(0)
    >>> with seeded(1):
    ...     inside = generator().random()
    >>> after = generator().random()
    >>> manual_seed(0)
    >>> after == generator().random()
    True
    """
    global _generator
    before, _generator = _generator, np.random.default_rng(seed)
    try:
        yield
    finally:
        _generator = before
