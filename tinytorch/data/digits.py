"""The digits data set: 1,797 handwritten digits of 8 x 8 pixels.

The test half of the set of Alpaydin and Kaynak (1998), UCI Machine Learning Repository, that
scikit-learn carries inside its package; every lab of module 17 trains on it. The file is read where
it lies, because to import scikit-learn takes each new kernel two seconds.
"""

from importlib.util import find_spec
from pathlib import Path
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
    table = np.loadtxt(_file(), delimiter=",", dtype=np.uint8)
    x, y = table[:, :-1], table[:, -1].astype(np.int64)
    if not 10 <= test_size <= len(x) - 10:
        raise ValueError(f"load_digits: test_size must be in [10, {len(x) - 10}], got {test_size}")
    x = (x / 16).astype(np.float32)
    if not flatten:
        x = x.reshape(-1, 1, 8, 8)
    train, test = _split(y, test_size, np.random.RandomState(seed))
    return Digits(Tensor(x[train]), Tensor(y[train]), Tensor(x[test]), Tensor(y[test]))


def _file() -> Path:
    """Return where scikit-learn keeps the digits: 64 pixels of 0 to 16 and the label in a row."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("load_digits reads the digits that scikit-learn carries; "
                                  "install it: pip install scikit-learn")  # fmt: skip
    return Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"


def _split(
    labels: np.ndarray, test_size: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Return positions of training and held-out items, each class in proportion.

    The same as scikit-learn's ``train_test_split(stratify=labels)``, draw for draw.
    """
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    counts = np.array([len(positions) for positions in members])
    n_train = _shares(counts, len(labels) - test_size, rng)
    n_test = _shares(counts - n_train, test_size, rng)
    train, test = [], []
    for positions, first, second in zip(members, n_train, n_test, strict=True):
        shuffled = rng.permutation(positions)
        train.append(shuffled[:first])
        test.append(shuffled[first : first + second])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def _shares(counts: np.ndarray, n: int, rng: np.random.RandomState) -> np.ndarray:
    """Divide n among classes in proportion; the largest remainders are rounded up, ties by lot."""
    exact = counts / counts.sum() * n
    shares = np.floor(exact).astype(int)
    remainders = exact - shares
    for remainder in np.unique(remainders)[::-1]:
        if (missing := n - shares.sum()) == 0:
            break
        tied = np.flatnonzero(remainders == remainder)
        shares[rng.choice(tied, min(len(tied), missing), replace=False)] += 1
    return shares
