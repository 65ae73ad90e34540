"""The least that NumPy needs for some layers: their passes over the arrays, and nothing else.

No graph, no check, no new array, no step that only touches one number for each row. What is left is
as many calls of NumPy as the fastest form of a layer that we found makes, so a layer cannot be
faster than this. :mod:`.cases` times them beside the layer and PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Work = Callable[[], Any]
Side = Callable[[], Work]
"""Prepares one repetition and returns the work to be timed."""


def normal(*shape: int) -> np.ndarray:
    """Draw the same standard normal numbers at every call."""
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def layer_norm(n: int, *texts: int) -> Side:
    """Forward: two sums, four passes. Backward: four sums, five passes."""
    x, g = normal(*texts, n).reshape(-1, n), normal(*texts, n).reshape(-1, n)
    centred, scale, out, other = (np.empty_like(x) for _ in range(4))
    ones, n_ones, weight = np.ones((n, 1), x.dtype), np.ones(len(x), x.dtype), normal(n)
    row, column = np.ones((len(x), 1), x.dtype), np.empty(n, x.dtype)

    def work() -> None:
        np.matmul(x, ones, out=row)
        np.subtract(x, row, out=centred)
        np.vecdot(centred, centred, out=row[:, 0])
        np.multiply(row, weight, out=scale)
        np.multiply(centred, scale, out=out)
        np.add(out, weight, out=out)

        np.multiply(g, scale, out=out)
        np.vecdot(out, centred, out=row[:, 0])
        np.matmul(out, ones, out=row)
        np.subtract(out, row, out=out)
        np.multiply(centred, row, out=other)
        np.subtract(out, other, out=out)
        np.multiply(g, centred, out=other)
        np.matmul(row[:, 0], other, out=column)
        np.matmul(n_ones, g, out=column)

    return lambda: work


def gelu(*shape: int) -> Side:
    """Forward: exp, a polynomial of a quotient, the sign. Backward: three passes, and a product."""
    x, block = normal(*shape).reshape(-1), 2**16
    out, slope, spare = np.empty_like(x), np.empty_like(x), np.empty_like(x[:block])

    def work() -> None:
        for start in range(0, x.size, block):
            here = slice(start, start + block)
            z, below, density, t = x[here], out[here], slope[here], spare[: len(x[here])]
            np.multiply(z, z, out=density)
            np.multiply(density, -0.5, out=density)
            np.exp(density, out=density)
            np.abs(z, out=t)
            np.add(t, 4, out=t)
            np.divide(4, t, out=t)
            np.multiply(t, 0.5, out=below)
            for _ in range(4):
                np.add(below, 0.5, out=below)
                np.multiply(below, t, out=below)
            np.multiply(below, density, out=below)
            np.greater(z, 0, out=t)
            np.subtract(t, below, out=below)
            np.abs(below, out=below)
            np.multiply(below, z, out=below)

            np.multiply(density, z, out=density)
            np.multiply(density, 0.4, out=density)
            np.add(density, below, out=density)
        np.multiply(x, slope, out=slope)

    return lambda: work


def softmax(n: int, *texts: int) -> Side:
    """Forward: exp, a sum, a division. Backward: a sum, a difference, a product."""
    x = normal(*texts, n).reshape(-1, n)
    out, grad = np.empty_like(x), np.empty_like(x)
    ones, row = np.ones((n, 1), x.dtype), np.empty((len(x), 1), x.dtype)

    def work() -> None:
        np.exp(x, out=out)
        np.matmul(out, ones, out=row)
        np.divide(out, row, out=out)
        np.vecdot(x, out, out=row[:, 0])
        np.subtract(x, row, out=grad)
        np.multiply(grad, out, out=grad)

    return lambda: work


def conv2d(n_in: int, n_out: int, kernel: int, n: int, size: int) -> Side:
    """Three matrix products, of matrices that are there already."""
    n_taps, n_pixels = n_in * kernel**2, (size - kernel + 1) ** 2
    kernels, windows = normal(n_out, n_taps), normal(n, n_taps, n_pixels)
    g, sums = normal(n, n_out, n_pixels), normal(n, n_taps, n_out)
    out, grads = np.empty_like(g), np.empty_like(windows)

    def work() -> None:
        np.matmul(kernels, windows, out=out)
        np.matmul(kernels.T, g, out=grads)
        np.matmul(windows, g.swapaxes(1, 2), out=sums)

    return lambda: work
