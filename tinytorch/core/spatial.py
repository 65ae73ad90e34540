"""Spatial layers, module 09: convolution, pooling and batch normalisation of images.

Every layer slides a window over the last two dimensions, and loops over the positions *inside* the
window (nine for a 3 x 3 kernel), never over images, channels or pixels. Leans on
:mod:`tinytorch.core.layers`; the convolutional networks of module 17 lean on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

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

    def _positions(self, out_height: int, out_width: int) -> Iterator[Position]:
        """Yield, for each position in the window, the index of the pixels that all windows see.

        What position (i, j) of every window sees is the padded image shifted by (i, j), taken in
        steps of the stride: an array of the output's height and width.
        """
        (height, width), (down, right) = self.kernel_size, self.stride
        for i in range(height):
            rows = slice(i, i + down * (out_height - 1) + 1, down)
            for j in range(width):
                yield ..., rows, slice(j, j + right * (out_width - 1) + 1, right)

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
        ``out[n, o, r, s] = bias[o] + sum(x[n, c, r + i, s + j] * weight[o, c, i, j])``. Here each
        position is one shifted copy of the image; the copies stand below each other as the rows
        of a matrix for each image, and the sum is one matrix product (Chellapilla, Puri and
        Simard, 2006). The gradient goes the same way back: a product, and shifted additions.

        In steps of 1 a copy takes the rows of the image whole, so it is one run of memory: windows
        that hang over the right edge are computed too, and cut off. A few images are done at a
        time, so that their copies stay in the processor's cache; for the gradient they are made
        again, which costs less than to fetch them.
        """
        weight = self.weight
        n_out, n_in, *_ = weight.shape
        _check_images(self, x, n_in)
        n, (height, width) = len(x), self._output_size(x.shape)
        n_taps = n_in * prod(self.kernel_size)
        kernels = weight.data.reshape(n_out, n_taps)
        memory = self._memory(x.shape, x.dtype)
        self._unpad(self._images(memory, x.shape))[:] = x.data
        shifts = self._shifts(memory, x.shape)
        wide = shifts.shape[-1]
        few = max(1, _BLOCK // (n_taps * height * wide))
        blocks = [slice(first, first + few) for first in range(0, n, few)]

        def columns(block: slice) -> np.ndarray:
            return np.ascontiguousarray(shifts[block]).reshape(-1, n_taps, height * wide)

        def widened(g: np.ndarray) -> np.ndarray:
            if wide > width:
                g, narrow = np.zeros((*g.shape[:3], wide), g.dtype), g
                g[..., :width] = narrow
            return g.reshape(-1, n_out, height * wide)

        out = np.empty((n, n_out, height, width), np.result_type(x.dtype, weight.dtype))
        for block in blocks:
            sums = kernels @ columns(block)
            out[block] = sums.reshape(-1, n_out, height, wide)[..., :width]

        def to_x(g: np.ndarray) -> np.ndarray:
            memory = self._memory(x.shape, np.result_type(g.dtype, weight.dtype))
            shifts = self._shifts(memory, x.shape)
            for block in blocks:
                grads = (kernels.T @ widened(g[block])).reshape(shifts[block].shape)
                for i, j in product(*map(range, self.kernel_size)):
                    shifts[block, :, i, j] += grads[:, :, i, j]
            return self._unpad(self._images(memory, x.shape))

        def to_weight(g: np.ndarray) -> np.ndarray:
            grad = np.zeros((n_out, n_taps), np.result_type(g.dtype, x.dtype))
            for block in blocks:
                grad += (widened(g[block]) @ columns(block).swapaxes(1, 2)).sum(axis=0)
            return grad.reshape(weight.shape)

        edges: list[tuple[Any, ...]] = [(x, to_x, weight), (weight, to_weight)]
        if self.bias is not None:
            out += self.bias.data[:, None, None]
            edges.append((self.bias, lambda g: _channel_sum(g)))
        return record(out, *edges)

    def _memory(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Return zeros for images with their margins, and for windows that hang over the last."""
        height, width = (n + 2 * p for n, p in zip(shape[2:], self.padding, strict=True))
        return np.zeros((*shape[:2], height * width + self.kernel_size[1] - 1), dtype)

    def _images(self, memory: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Return a view of the images with their margins."""
        height, width = (n + 2 * p for n, p in zip(shape[2:], self.padding, strict=True))
        return memory[..., : height * width].reshape(*shape[:2], height, width)

    def _shifts(self, memory: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Return a view of what each position in the window sees in all windows.

        Its shape is (batch, channels, kernel height, kernel width, out height, out width), or the
        images' width with their margins as the last in steps of 1.
        """
        height, width = self._output_size(shape)
        images = self._images(memory, shape)
        *batch, row, pixel = images.strides
        down, right = self.stride
        wide = images.shape[-1] if self.stride == (1, 1) else width
        steps = (row, pixel, down * row, right * pixel)
        return as_strided(memory, (*shape[:2], *self.kernel_size, height, wide), (*batch, *steps))

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        bias = "" if self.bias is not None else ", bias=False"
        return f"{self.in_channels}, {self.out_channels}, {super().extra_repr()}{bias}"


Conv2D = Conv2d


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
