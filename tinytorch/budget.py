"""What a choice of sparsities comes to, for the open exercise of lab 02: bytes and accuracy.

Leans on the fixtures of :mod:`tinytorch.testing`; lab 02 leans on it. The three models that it
measures with are the labs' network and recipe, trained once and stored in ``budget.npz``, for
training gives slightly other weights on every kind of processor. Their weights are multiples of
1/4096 and pixels are multiples of 1/16, so that a forward pass in float64 has no rounding error in
whatever order it adds up: a choice has the same accuracy, to the last digit, on every machine.
``python -m tinytorch.budget`` trains and stores them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinytorch.core.tensor import Tensor
from tinytorch.testing import create_and_train_model

STORED = Path(__file__).with_suffix(".npz")
N_MODELS = 3
STEPS = 4096  # weights are stored as whole multiples of 1 / STEPS


class Reached(NamedTuple):
    """What a choice of sparsities comes to.

    Attributes
    ----------
    n_bytes : int
        Of the weights of one model: a bit for each entry, and four bytes for each that is kept.
    accuracy : float
        Fraction of right answers, over all models and digits.
    """

    n_bytes: int
    accuracy: float


def reach(
    sparsities: Mapping[str, float], x: Tensor | np.ndarray, y: Tensor | np.ndarray
) -> Reached:
    """Prune every layer of the stored models by magnitude, as chosen, and measure.

    Parameters
    ----------
    sparsities : mapping of str to float
        For each weight of the labs' network by its name: the fraction of its entries that go, in
        [0, 1]. Of n entries ``round(sparsity * n)`` go, those of smallest magnitude.
    x, y : Tensor or ndarray of shapes (n, 64) and (n,)
        Digits and their labels.

    Returns
    -------
    Reached
        Bytes and accuracy.

    Raises
    ------
    TypeError
        If `sparsities` is no mapping, or holds something that is no number.
    ValueError
        If a weight is missing, a name is unknown, or a number is not in [0, 1].

    Examples
    --------
    >>> from tinytorch import load_digits
    >>> digits = load_digits()
    >>> every = ("layers.0.weight", "layers.2.weight", "layers.4.weight")
    >>> reach(dict.fromkeys(every, 0.5), digits.x_test, digits.y_test)
    Reached(n_bytes=106675, accuracy=0.9706666666666667)
    """
    models = _models()
    shares = _checked(sparsities, [name for name, _, _, _ in models[0]])
    pixels = np.asarray(getattr(x, "data", x), dtype=np.float64)
    labels = np.asarray(getattr(y, "data", y))
    n_bytes, n_right = 0, 0
    for name, weight, _, _ in models[0]:
        n_bytes += -(-weight.size // 8) + 4 * (weight.size - round(shares[name] * weight.size))
    for model in models:
        n_right += int((_logits(model, shares, pixels).argmax(axis=1) == labels).sum())
    return Reached(n_bytes, n_right / (len(models) * len(labels)))


def _checked(sparsities: Mapping[str, float], names: list[str]) -> dict[str, float]:
    if not isinstance(sparsities, Mapping):
        raise TypeError(f"sparsities must be a dictionary, got {type(sparsities).__name__}")
    if set(sparsities) != set(names):
        found = ", ".join(map(str, sparsities)) or "none"
        raise ValueError(f"sparsities must have the keys {', '.join(names)}; got {found}")
    for name, share in sparsities.items():
        if isinstance(share, bool) or not isinstance(share, Real):
            raise TypeError(f"{name}: a sparsity must be a number, got {type(share).__name__}")
        if not 0 <= share <= 1:
            raise ValueError(f"{name}: a sparsity must be a fraction in [0, 1], got {share}")
    return {name: float(sparsities[name]) for name in names}


def _logits(model: list[Any], shares: Mapping[str, float], x: np.ndarray) -> np.ndarray:
    for number, (name, weight, bias, order) in enumerate(model):
        kept = weight.copy()
        kept.flat[order[: round(shares[name] * weight.size)]] = 0
        x = (np.maximum(x, 0) if number else x) @ kept + bias
    return x


@cache
def _models() -> list[list[tuple[str, np.ndarray, np.ndarray, np.ndarray]]]:
    """Return each model's layers: name, weight, bias, and positions from the smallest magnitude."""
    with np.load(STORED) as stored:
        codes = {name: stored[name] for name in stored.files}
    models = []
    for seed in range(N_MODELS):
        layers = []
        for position in (0, 2, 4):
            weight, bias = (
                codes[f"{seed}.layers.{position}.{kind}"] / STEPS for kind in ("weight", "bias")
            )
            order = np.argsort(np.abs(weight), axis=None, kind="stable")
            layers.append((f"layers.{position}.weight", weight, bias, order))
        models.append(layers)
    return models


def train() -> dict[str, np.ndarray]:
    """Train the models, and return their parameters as whole multiples of 1 / `STEPS`, by name."""
    return {
        f"{seed}.{name}": np.rint(p.data * STEPS).astype(np.int16)
        for seed in range(N_MODELS)
        for name, p in create_and_train_model(seed).named_parameters()
    }


if __name__ == "__main__":
    np.savez_compressed(STORED, **train())  # type: ignore[arg-type]
