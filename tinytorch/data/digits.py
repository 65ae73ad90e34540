"""The digits data set: 1,797 handwritten digits of 8 x 8 pixels.

The test half of the set of Alpaydin and Kaynak (1998), UCI Machine Learning Repository, that
scikit-learn carries inside its package; every lab of module 17 trains on it.
"""

from typing import NamedTuple

import numpy as np

from tinytorch.core.tensor import Tensor


class Digits(NamedTuple):
    """A split of the digits: inputs in [0, 1], labels 0 to 9."""

    x_train: Tensor
    y_train: Tensor
    x_test: Tensor
    y_test: Tensor


def load_digits(test_size: int = 500, seed: int = 0, flatten: bool = True) -> Digits:
    """Load the digits, split at random into training and held-out parts.

    Parameters
    ----------
    test_size : int, default 500
        Number of held-out digits; each class has its share.
    seed : int, default 0
        Seed of the split.
    flatten : bool, default True
        Rows of 64 pixels if True, images of shape (1, 8, 8) if False.

    Returns
    -------
    Digits
        ``x_train`` (1797 - test_size, 64), ``y_train``, ``x_test`` and ``y_test``, as tensors.

    Raises
    ------
    ValueError
        If `test_size` leaves a part without one digit of each class.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_test.shape
    ((1297, 64), (500, 64))
    """
    from sklearn import datasets  # imported when needed: it takes a second
    from sklearn.model_selection import train_test_split

    x, y = datasets.load_digits(return_X_y=True)
    if not 10 <= test_size <= len(x) - 10:
        raise ValueError(f"load_digits: test_size must be in [10, {len(x) - 10}], got {test_size}")
    x = (x / 16).astype(np.float32)
    if not flatten:
        x = x.reshape(-1, 1, 8, 8)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test_size, random_state=seed, stratify=y
    )
    return Digits(Tensor(x_train), Tensor(y_train), Tensor(x_test), Tensor(y_test))
