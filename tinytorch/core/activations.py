"""Activation functions as layers, module 02.

The functions and their derivatives are methods of :class:`~tinytorch.core.tensor.Tensor`; the
layers here give them a place in a :class:`~tinytorch.core.layers.Sequential`.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from tinytorch.core.autograd import is_grad_enabled
from tinytorch.core.layers import Module, check_input
from tinytorch.core.tensor import Tensor, record

_BLOCK = 2**16  # numbers: a quarter of a megabyte


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
        out, slope = _gelu(x.data, with_slope=x.requires_grad and is_grad_enabled())
        return record(out, (x, lambda g: g * slope))


def _gelu(x: np.ndarray, with_slope: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return GELU of x, and its derivative if it is asked for.

    Block by block, so that what is computed on the way stays in the processor's cache; to fetch
    memory for it costs more than the arithmetic.
    """
    flat = x.reshape(-1)
    out, slope = np.empty_like(flat), np.empty_like(flat if with_slope else flat[:_BLOCK])
    spare = np.empty_like(flat[:_BLOCK])
    for start in range(0, flat.size, _BLOCK):
        here = slice(start, start + _BLOCK)
        z, below = flat[here], out[here]
        density = slope[here] if with_slope else slope[: z.size]
        _fill_in(z, below, density, spare[: z.size])
        if with_slope:
            density *= z
            density *= 1 / sqrt(2 * pi)
            density += below
        below *= z
    return out.reshape(x.shape), slope.reshape(x.shape) if with_slope else slope


def _fill_in(x: np.ndarray, below: np.ndarray, density: np.ndarray, spare: np.ndarray) -> None:
    """Compute the probability that a standard normal is below x, and exp(-x**2 / 2)."""
    np.multiply(x, x, out=density)
    density *= -0.5
    np.exp(density, out=density)
    p = 0.3275911 / sqrt(2)
    t = np.abs(x, out=spare)
    t += 1 / p
    np.divide(1 / p, t, out=t)  # 1 / (1 + p * abs(x)), in a step less
    np.multiply(t, 0.5 * 1.061405429, out=below)  # Horner's scheme
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        below += 0.5 * coefficient
        below *= t
    below *= density  # the probability beyond |x|
    is_positive = np.greater(x, 0, out=spare)
    np.subtract(is_positive, below, out=below)
    np.abs(below, out=below)


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
