"""Activation functions as layers, module 02.

The functions and their derivatives are methods of :class:`~tinytorch.core.tensor.Tensor`; the
layers here give them a place in a :class:`~tinytorch.core.layers.Sequential`.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from tinytorch.core.layers import Module, check_input
from tinytorch.core.tensor import Tensor, record


class ReLU(Module):
    """max(0, x).

    Examples
    --------
    >>> ReLU()(Tensor([-1.0, 2.0])).data
    array([0., 2.], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape."""
        check_input(self, x)
        return x.relu()


class Sigmoid(Module):
    """1 / (1 + exp(-x)).

    Examples
    --------
    >>> Sigmoid()(Tensor([0.0])).data
    array([0.5], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape, entries in (0, 1)."""
        check_input(self, x)
        return x.sigmoid()


class Tanh(Module):
    """Hyperbolic tangent.

    Examples
    --------
    >>> Tanh()(Tensor([0.0])).data
    array([0.], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape, entries in (-1, 1)."""
        check_input(self, x)
        return x.tanh()


class GELU(Module):
    r"""Gaussian error linear unit, x times the probability that a standard normal is below x.

    Notes
    -----
    Hendrycks and Gimpel (2016), arXiv:1606.08415. The exact form, PyTorch's default, with the error
    function by formula 7.1.26 of Abramowitz and Stegun (1964), whose error is below 1.5e-7: float32
    precision.

    Examples
    --------
    >>> GELU()(Tensor([-1.0, 0.0, 1.0])).data.round(4)
    array([-0.1587,  0.    ,  0.8413], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape."""
        check_input(self, x)
        below, density = _standard_normal(x.data)
        return record(x.data * below, (x, lambda g: g * (below + x.data * density), x))


def _standard_normal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability that a standard normal is below x, and its density at x."""
    bell = np.exp(-0.5 * x * x)
    t = 1 / (1 + 0.3275911 / sqrt(2) * np.abs(x))
    tail = 1.061405429 * t  # Horner's scheme in one buffer, which is why it is fast
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += coefficient
        tail *= t
    tail *= bell
    tail *= 0.5  # the probability beyond |x|
    bell *= 1 / sqrt(2 * pi)
    return np.abs((x > 0) - tail), bell


class Softmax(Module):
    """exp(x) normalised to sum to 1 along one dimension.

    Parameters
    ----------
    dim : int, default -1
        The dimension that sums to 1.

    Examples
    --------
    >>> Softmax()(Tensor([[1000.0, 1000.0]])).data
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape."""
        check_input(self, x)
        return x.softmax(self.dim)

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return f"dim={self.dim}"
