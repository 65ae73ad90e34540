"""The one source of randomness of the stack.

Weight initialisation, dropout and shuffling draw from the generator kept here, so a single
:func:`manual_seed` makes a whole run repeatable.
"""

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
