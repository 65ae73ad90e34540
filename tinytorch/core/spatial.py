"""Spatial layers, module 09: convolution, pooling and batch normalisation of images.

Every layer slides a window over the last two dimensions, and loops over the positions *inside* the
window (nine for a 3 x 3 kernel), never over images, channels or pixels. Leans on
:mod:`tinytorch.core.layers`; the convolutional networks of module 17 lean on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np

from tinytorch.core.layers import Module, check_input, check_positive, uniform
from tinytorch.core.tensor import Parameter, Tensor, record

Pair = int | tuple[int, int]
Position = tuple[Any, slice, slice]
_BLOCK = 2**18  # numbers: a megabyte of float32


class _Window(Module):
    """A window of `kernel_size` that moves in steps of `stride` over an image with a margin."""

    def __init__(self, kernel_size: Pair, stride: Pair | None, padding: Pair) -> None:
        self.kernel_size = self._pair("kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else self._pair("stride", stride, 1)
        self.padding = self._pair("padding", padding, 0)

    def _pair(self, name: str, value: Pair, least: int) -> tuple[int, int]:
        both = (value, value) if isinstance(value, (int, np.integer)) else value
        if (
            not isinstance(both, (tuple, list))
            or len(both) != 2
            or any(not isinstance(n, (int, np.integer)) or isinstance(n, bool) for n in both)
            or min(both) < least
        ):
            raise ValueError(
                f"{type(self).__name__}: {name} must be an integer >= {least} or a pair of them, "
                f"got {value!r}"
            )
        return int(both[0]), int(both[1])

    def _output_size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return how many windows fit below and beside each other in images of this shape."""
        padded = tuple(n + 2 * p for n, p in zip(shape[2:], self.padding, strict=True))
        steps = zip(padded, self.kernel_size, self.stride, strict=True)
        height, width = ((n - k) // s + 1 for n, k, s in steps)
        if min(height, width) < 1:
            raise ValueError(
                f"{self} got input of shape {shape}: its kernel {self.kernel_size} is larger than "
                f"the image with padding, {padded}"
            )
        return height, width

    def _pad(self, x: np.ndarray, fill: float = 0.0) -> np.ndarray:
        """Return images with a margin of `fill` around them."""
        if self.padding == (0, 0):
            return x
        *batch, height, width = x.shape
        p, q = self.padding
        padded = np.full((*batch, height + 2 * p, width + 2 * q), fill, x.dtype)
        padded[..., p : p + height, q : q + width] = x
        return padded

    def _unpad(self, padded: np.ndarray) -> np.ndarray:
        """Return the inside of images with a margin."""
        if self.padding == (0, 0):
            return padded
        (p, q), (height, width) = self.padding, padded.shape[-2:]
        return padded[..., p : height - p, q : width - q]

    def _seen(self, axis: int, out_length: int) -> list[slice]:
        """Return, for each row (axis 0) or column (1) of the kernel, what it meets in all windows.

        Row i meets the rows of the padded image from i on, in steps of the stride: as many as the
        output has.
        """
        step = self.stride[axis]
        last = step * (out_length - 1) + 1
        return [slice(i, i + last, step) for i in range(self.kernel_size[axis])]

    def _positions(self, out_height: int, out_width: int) -> Iterator[Position]:
        """Yield, for each position in the window, the index of the pixels that all windows see."""
        for rows, columns in product(self._seen(0, out_height), self._seen(1, out_width)):
            yield ..., rows, columns

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        parts = [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        return ", ".join(parts + [f"padding={self.padding}"] * (self.padding != (0, 0)))


def _check_images(layer: Module, x: Tensor, channels: int | None = None) -> None:
    """Raise unless `x` is a batch of images, with this many channels."""
    check_input(layer, x)
    if x.ndim != 4:
        hint = "; for one image add the batch dimension: x[None]" if x.ndim == 3 else ""
        raise ValueError(f"{layer} got input of shape {x.shape}; it must be "
                         f"(batch, channels, height, width){hint}")  # fmt: skip
    if channels is not None and x.shape[1] != channels:
        raise ValueError(f"{layer} got input of shape {x.shape}; it must have {channels} channels, "
                         f"(batch, {channels}, height, width)")  # fmt: skip


class Conv2d(_Window):
    """Convolution (cross-correlation) of images with learned kernels.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), default 1
        Step between windows.
    padding : int or (int, int), default 0
        Rows and columns of zeros added on each side.
    bias : bool, default True
        Whether to add a learned bias to each output channel.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels, kernel height, kernel width)
        One filter for each output channel. The output is the first dimension, as in PyTorch; in
        :class:`~tinytorch.core.layers.Linear` it is the second.
    bias : Parameter of shape (out_channels,), or None

    Raises
    ------
    ValueError
        If a size is not positive, an input is not (batch, in_channels, height, width), or the
        kernel is larger than the padded image.

    Examples
    --------
    >>> conv = Conv2d(3, 16, kernel_size=3, padding=1)
    >>> conv(Tensor(np.ones((8, 3, 32, 32), np.float32))).shape
    (8, 16, 32, 32)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        bias: bool = True,
    ) -> None:
        check_positive("Conv2d", in_channels=in_channels, out_channels=out_channels)
        super().__init__(kernel_size, stride, padding)
        self.in_channels = in_channels
        self.out_channels = out_channels
        fan_in = in_channels * prod(self.kernel_size)
        self.weight = uniform((out_channels, in_channels, *self.kernel_size), fan_in)
        self.bias = uniform((out_channels,), fan_in) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, in_channels, height, width) to (batch, out_channels, out height, out width).

        The plain form is a sum over input channels and positions in the window,
        ``out[n, o, r, s] = bias[o] + sum(x[n, c, r + i, s + j] * weight[o, c, i, j])``. Here what
        each position meets, a shifted copy of the image, stands as a row of a matrix for each
        image, and the sum is one matrix product (Chellapilla, Puri and Simard, 2006). The gradient
        goes the same way back: a product, and shifted additions.

        The images are shifted sideways first, to *strips* as wide as the output. What a row of the
        kernel meets in a strip is then one run of memory, and is copied as one. A few images are
        done at a time, so that their copies stay in the processor's cache; for the gradient, which
        begins with the last of them, those of others are made again from the strips: that costs
        less than to fetch them.
        """
        weight = self.weight
        n_out, n_in, *_ = weight.shape
        _check_images(self, x, n_in)
        height, width = self._output_size(x.shape)
        rows, columns = self._seen(0, height), self._seen(1, width)
        padded = self._pad(x.data)
        strips = np.concatenate([padded[..., seen] for seen in columns], axis=1)
        n_taps = n_in * prod(self.kernel_size)
        few = max(1, _BLOCK // (n_taps * height * width))
        blocks = [slice(first, first + few) for first in range(0, len(x), few)]

        def kernels() -> np.ndarray:
            return weight.data.transpose(0, 2, 3, 1).reshape(n_out, n_taps)

        @lru_cache(maxsize=1)
        def windows(first: int) -> np.ndarray:
            few_strips = strips[first : first + few]
            taps = np.concatenate([few_strips[:, :, seen] for seen in rows], axis=1)
            return taps.reshape(-1, n_taps, height * width)

        out = np.empty((len(x), n_out, height * width), np.result_type(x.dtype, weight.dtype))
        matrix = kernels()
        for block in blocks:
            np.matmul(matrix, windows(block.start), out=out[block])
        out = out.reshape(len(x), n_out, height, width)

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = np.empty(padded.shape, np.result_type(g.dtype, weight.dtype))
            back = kernels().T
            for block in blocks:
                taps = back @ g[block].reshape(-1, n_out, height * width)
                taps = taps.reshape(-1, len(rows), len(columns) * n_in, height, width)
                shifted = _add_at(taps, rows, -2, padded.shape[-2])
                shifted = shifted.reshape(-1, len(columns), n_in, *shifted.shape[-2:])
                grad[block] = _add_at(shifted, columns, -1, padded.shape[-1])
            return self._unpad(grad)

        def to_weight(g: np.ndarray) -> np.ndarray:
            grad = np.zeros((n_taps, n_out), np.result_type(g.dtype, x.dtype))
            for block in reversed(blocks):
                pixels = g[block].reshape(-1, n_out, height * width).swapaxes(1, 2)
                grad += (windows(block.start) @ np.ascontiguousarray(pixels)).sum(axis=0)
            return grad.reshape(*self.kernel_size, n_in, n_out).transpose(3, 2, 0, 1)

        edges: list[tuple[Any, ...]] = [(x, to_x, weight), (weight, to_weight)]
        if self.bias is not None:
            out += self.bias.data[:, None, None]
            edges.append((self.bias, lambda g: _channel_sum(g)))
        return record(out, *edges)

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        bias = "" if self.bias is not None else ", bias=False"
        return f"{self.in_channels}, {self.out_channels}, {super().extra_repr()}{bias}"


Conv2D = Conv2d


def _add_at(parts: np.ndarray, places: list[slice], axis: int, length: int) -> np.ndarray:
    """Sum ``parts[:, i]`` over i, each at its place along an axis of this length.

    A short run is copied in a third of the time in which it is added, so each part but the first
    gets its zeros around it, and whole arrays are added.
    """
    shape = [len(parts), *parts.shape[2:]]
    shape[axis] = length
    total = np.zeros(shape, parts.dtype)
    for i, place in enumerate(places):
        placed = np.zeros_like(total) if i else total
        placed.swapaxes(axis, -1)[..., place] = parts[:, i].swapaxes(axis, -1)
        if i:
            total += placed
    return total


class _Pool(_Window):
    """A window without weights, applied to each channel by itself."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> None:
        super().__init__(kernel_size, stride, padding)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{type(self).__name__}: padding {self.padding} must be at most half of "
                f"kernel_size {self.kernel_size}, else a window would see no pixel"
            )


class MaxPool2d(_Pool):
    """Largest value in each window.

    Parameters
    ----------
    kernel_size : int or (int, int)
    stride : int or (int, int), optional
        Step between windows; `kernel_size` by default, so that windows do not overlap.
    padding : int or (int, int), default 0
        Rows and columns added on each side, at most half of the kernel; they never win.

    Raises
    ------
    ValueError
        If an input is not (batch, channels, height, width), or smaller than the kernel.

    Notes
    -----
    Where values tie, the first in the window (by row, then column) takes the whole gradient.

    Examples
    --------
    >>> MaxPool2d(2)(Tensor([[[[1.0, 2.0], [4.0, 3.0]]]])).data
    array([[[[4.]]]], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, channels, height, width) to (batch, channels, out height, out width)."""
        _check_images(self, x)
        size = self._output_size(x.shape)
        padded = self._pad(x.data, fill=-np.inf)
        positions = list(self._positions(*size))
        out = padded[positions[0]].copy()
        for seen in positions[1:]:
            np.maximum(out, padded[seen], out=out)

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = np.zeros(padded.shape, g.dtype)
            unclaimed = np.ones(out.shape, bool)
            for seen in positions:
                wins = (padded[seen] == out) & unclaimed
                unclaimed ^= wins
                grad[seen] += g * wins
            return self._unpad(grad)

        read = [x] if padded is x.data else []
        return record(out, (x, to_x, *read))


class AvgPool2d(_Pool):
    """Mean of each window.

    Parameters
    ----------
    kernel_size : int or (int, int)
    stride : int or (int, int), optional
        Step between windows; `kernel_size` by default, so that windows do not overlap.
    padding : int or (int, int), default 0
        Rows and columns of zeros added on each side, at most half of the kernel; they count.

    Raises
    ------
    ValueError
        If an input is not (batch, channels, height, width), or smaller than the kernel.

    Examples
    --------
    >>> AvgPool2d(2)(Tensor([[[[1.0, 2.0], [4.0, 3.0]]]])).data
    array([[[[2.5]]]], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, channels, height, width) to (batch, channels, out height, out width)."""
        _check_images(self, x)
        size = self._output_size(x.shape)
        padded = self._pad(x.data)
        positions = list(self._positions(*size))
        out = padded[positions[0]].copy()
        for seen in positions[1:]:
            out += padded[seen]
        out *= 1 / len(positions)

        def to_x(g: np.ndarray) -> np.ndarray:
            share = g * (1 / len(positions))
            grad = np.zeros(padded.shape, g.dtype)
            for seen in positions:
                grad[seen] += share
            return self._unpad(grad)

        return record(out, (x, to_x))


class BatchNorm2d(Module):
    """Normalise each channel to mean 0 and variance 1 over the batch, then scale and shift.

    Parameters
    ----------
    num_features : int
        Number of channels.
    eps : float, default 1e-5
        Added to the variance.
    momentum : float, default 0.1
        Weight of the newest batch in the running statistics.

    Attributes
    ----------
    weight, bias : Parameter of shape (num_features,)
        Scale (initially 1) and shift (initially 0).
    running_mean, running_var : ndarray of shape (num_features,)
        What evaluation mode normalises with; `running_var` is unbiased.

    Raises
    ------
    ValueError
        If an input is not (batch, num_features, height, width), or has a single value per channel
        in training mode, where its variance is undefined.

    Notes
    -----
    Ioffe and Szegedy (2015), arXiv:1502.03167.

    Examples
    --------
    >>> norm = BatchNorm2d(1)
    >>> norm(Tensor([[[[1.0, 3.0]]]])).data.round(3)
    array([[[[-1.,  1.]]]], dtype=float32)
    >>> norm.running_mean
    array([0.2], dtype=float32)
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        check_positive("BatchNorm2d", num_features=num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = Parameter(np.ones(num_features, np.float32))
        self.bias = Parameter(np.zeros(num_features, np.float32))
        self.running_mean = np.zeros(num_features, np.float32)
        self.running_var = np.ones(num_features, np.float32)

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape.

        The plain form is ``(x - mean) / sqrt(var + eps) * weight + bias``, each over all but the
        channel dimension, with the biased variance (``correction=0``); here it is one operation.
        """
        _check_images(self, x, self.num_features)
        weight, bias = self.weight, self.bias
        count = x.size // self.num_features
        training = self.training
        if training and count < 2:
            raise ValueError(
                f"{self} got input of shape {x.shape} in training mode: the variance of a channel "
                "needs at least 2 values; give a larger batch, or call eval()"
            )
        mean = _channel_sum(x.data) / count if training else self.running_mean
        centred = x.data - _per_channel(mean, x.dtype)
        var = _channel_sum(centred, centred) / count if training else self.running_var
        if training:
            self._remember(mean, var * (count / (count - 1)))
        inverse = 1 / np.sqrt(var + self.eps)
        scale = _per_channel(weight.data * inverse, x.dtype)
        out = centred * scale
        out += _per_channel(bias.data, x.dtype)

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = g * scale
            if training:  # the statistics depend on x, too
                along = _channel_sum(grad, centred) * inverse**2 / count
                grad -= _per_channel(_channel_sum(grad) / count, x.dtype)
                grad -= centred * _per_channel(along, x.dtype)
            return grad

        def to_weight(g: np.ndarray) -> np.ndarray:
            return _channel_sum(g, centred) * inverse

        return record(out, (x, to_x), (weight, to_weight), (bias, _channel_sum))

    def _remember(self, mean: np.ndarray, var: np.ndarray) -> None:
        """Move the running statistics towards those of a batch, in their buffers."""
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_var += self.momentum * (var - self.running_var)

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


def _channel_sum(images: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Sum images, or their product with others, over all but the channel dimension.

    A dot product takes a third of the time of a reduction, and needs no array for the product.
    """
    n, channels, *size = images.shape
    rows = images.reshape(n, channels, prod(size))
    others = np.ones(prod(size), images.dtype) if weights is None else weights.reshape(rows.shape)
    return np.vecdot(rows, others).sum(axis=0)


def _per_channel(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Give one value per channel the dimensions to broadcast over images."""
    return values.astype(dtype, copy=False)[:, None, None]


class Flatten(Module):
    """Merge the dimensions from `start_dim` on into one.

    Parameters
    ----------
    start_dim : int, default 1
        The first dimension to merge; the default keeps the batch.

    Raises
    ------
    ValueError
        If an input has no dimension `start_dim`.

    Examples
    --------
    >>> Flatten()(Tensor(np.ones((8, 16, 4, 4), np.float32))).shape
    (8, 256)
    """

    def __init__(self, start_dim: int = 1) -> None:
        self.start_dim = start_dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the input with fewer dimensions."""
        if not -x.ndim <= self.start_dim < x.ndim:
            raise ValueError(f"{self} got input of shape {x.shape}, without dimension "
                             f"{self.start_dim}")  # fmt: skip
        return x.flatten(self.start_dim)

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return f"start_dim={self.start_dim}"
