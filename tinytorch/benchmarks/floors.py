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


def _probability(z: np.ndarray, below: np.ndarray, density: np.ndarray, t: np.ndarray) -> None:
    """Go over memory as GELU does for the probability that a standard normal is below z."""
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


def gelu(*shape: int) -> Side:
    """Forward: exp, a polynomial of a quotient, the sign. Backward: three passes, and a product."""
    x, block = normal(*shape).reshape(-1), 2**16
    out, slope, spare = np.empty_like(x), np.empty_like(x), np.empty_like(x[:block])

    def work() -> None:
        for start in range(0, x.size, block):
            z, below, density = (a[start : start + block] for a in (x, out, slope))
            _probability(z, below, density, spare[: len(z)])
            np.multiply(below, z, out=below)

            np.multiply(density, z, out=density)
            np.multiply(density, 0.4, out=density)
            np.add(density, below, out=density)
        np.multiply(x, slope, out=slope)

    return lambda: work


def language_model(vocab: int, width: int, heads: int, blocks: int, *texts: int) -> Side:
    """Read texts: products, GELU as above but for its slope, two sums and four passes a norm."""
    n_texts, length = texts
    x = normal(*texts, width).reshape(-1, width)
    inputs, outputs, hidden = np.empty_like(x), np.empty_like(x), normal(len(x), 4 * width)
    square, up, down = normal(width, width), normal(width, 4 * width), normal(4 * width, width)
    head, logits = normal(width, vocab), np.empty((len(x), vocab), x.dtype)
    q = normal(n_texts, length, heads, width // heads).swapaxes(1, 2)
    scores, mixed = np.empty((n_texts, heads, length, length), x.dtype), np.empty(q.shape, x.dtype)
    later, ones = ~np.tri(length, dtype=bool), np.ones((length, 1), x.dtype)
    each, one = np.empty((len(x), 1), x.dtype), np.ones((width, 1), x.dtype)
    row = np.empty((n_texts, heads, length, 1), x.dtype)
    weight, wide = normal(width), normal(4 * width)
    below, density, t = (np.empty(2**16, x.dtype) for _ in range(3))

    def norm() -> None:
        np.matmul(x, one, out=each)
        np.subtract(x, each, out=inputs)
        np.vecdot(inputs, inputs, out=each[:, 0])
        np.multiply(each, weight, out=outputs)
        np.multiply(inputs, outputs, out=outputs)
        np.add(outputs, weight, out=outputs)

    def attend() -> None:
        for _ in range(4):
            np.matmul(inputs, square, out=outputs)
            np.add(outputs, weight, out=outputs)
        np.matmul(q, q.swapaxes(-1, -2), out=scores)
        np.multiply(scores, 0.25, out=scores)
        np.exp(scores, out=scores)
        np.copyto(scores, 0, where=later)
        np.matmul(scores, ones, out=row)
        np.divide(scores, row, out=scores)
        np.matmul(scores, q, out=mixed)
        np.copyto(outputs.reshape(n_texts, length, heads, -1), mixed.swapaxes(1, 2))

    def think() -> None:
        np.matmul(inputs, up, out=hidden)
        np.add(hidden, wide, out=hidden)
        for z in hidden.reshape(-1, len(below)):
            _probability(z, below, density, t)
            np.multiply(below, z, out=z)
        np.matmul(hidden, down, out=outputs)
        np.add(outputs, weight, out=outputs)

    def work() -> None:
        for part in (attend, think) * blocks:
            norm()
            part()
            np.add(inputs, outputs, out=inputs)
        norm()
        np.matmul(inputs, head, out=logits)

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
    """Forward: copies, a product, the bias. Backward: two products, and copies that are added."""
    out_size, n_taps = size - kernel + 1, n_in * kernel**2
    n_pixels, few = out_size**2, min(n, max(1, 2**18 // (n_taps * out_size**2)))
    seen = [slice(i, i + out_size) for i in range(kernel)]
    x, kernels, bias = normal(n, n_in, size, size), normal(n_out, n_taps), normal(n_out, 1)
    g, out, grad = normal(n, n_out, n_pixels), normal(n, n_out, n_pixels), np.empty_like(x)
    strips = np.empty((few, kernel, n_in, size, out_size), x.dtype)
    windows = np.empty((few, kernel, kernel, n_in, out_size, out_size), x.dtype)
    taps, pixels = np.empty_like(windows), np.empty((few, n_pixels, n_out), x.dtype)
    sums, placed = np.empty((few, n_taps, n_out), x.dtype), np.zeros_like(strips)
    total, margin = np.empty_like(strips), np.zeros_like(x[:few])

    def add(parts: np.ndarray, among: np.ndarray, result: np.ndarray, rows: bool) -> None:
        for i, place in enumerate(seen):
            where = among[..., place, :] if rows else among[..., place]
            where[...] = parts[:, i]
            if i:
                np.add(result, among, out=result)
            else:
                np.copyto(result, among)

    def work() -> None:
        for start in range(0, n, few):
            here = slice(start, start + few)
            images = len(x[here])
            some, matrices = windows[:images], windows[:images].reshape(images, n_taps, n_pixels)
            for i, place in enumerate(seen):
                strips[:images, i] = x[here, ..., place]
            for i, place in enumerate(seen):
                some[:, i] = strips[:images, ..., place, :]
            np.matmul(kernels, matrices, out=out[here])

            back = taps[:images].reshape(images, n_taps, n_pixels)
            np.matmul(kernels.T, g[here], out=back)
            add(taps[:images], placed[:images], total[:images], rows=True)
            add(total[:images], margin[:images], grad[here], rows=False)
            pixels[:images] = g[here].swapaxes(1, 2)
            np.matmul(matrices, pixels[:images], out=sums[:images])
            sums[:images].sum(axis=0)
        np.add(out, bias, out=out)
        np.vecdot(g, np.ones(n_pixels, x.dtype))

    return lambda: work
