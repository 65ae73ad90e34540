"""Quantization, module 16: weights as small integers, with one scale for each output.

:func:`quantize_model` replaces the layers of :mod:`tinytorch.core` by layers that hold integers and
compute as before. It runs on pruned models without disturbing a zero; lab 07 and the profiler lean
on this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.core.layers import Linear, Module, _members
from tinytorch.core.spatial import Conv2d
from tinytorch.core.tensor import Parameter, Tensor


class QuantizedWeight(Module):
    """A weight as integers of a few bits, times one scale for each output.

    The range is symmetric, ``-q .. q`` with ``q = 2**(bits - 1) - 1``, so that zero is the integer
    zero: a pruned weight stays pruned, exactly.

    Parameters
    ----------
    weight : ndarray of shape (in, out, ...)
        The numbers to store.
    bits : int
        2 to 8.

    Attributes
    ----------
    stored : ndarray
        The integers: int8 for 8 bits; below, `bits` bits each with nothing between them, as bytes.
    scale : ndarray of float32, shape (1, out), or (out, 1, 1, 1) for a convolution
        What an integer is multiplied with; 0 for an output whose weights are all zero.
    bits : int
    shape : tuple of int

    Notes
    -----
    Jacob et al. (2018), arXiv:1712.05877, with a zero point of 0; a scale for each output instead
    of one for the tensor after Krishnamoorthi (2018), arXiv:1806.08342. Both arrays are buffers:
    they are saved with the model and are not trained.

    Examples
    --------
    >>> weight = QuantizedWeight(np.array([[0.4, 0.0], [-1.0, 3.0]], np.float32), bits=4)
    >>> weight.integers
    array([[ 3,  0],
           [-7,  7]], dtype=int8)
    >>> weight.dequantize().round(3)
    array([[ 0.429,  0.   ],
           [-1.   ,  3.   ]], dtype=float32)
    >>> weight.stored.nbytes
    2
    """

    def __init__(self, weight: np.ndarray, bits: int) -> None:
        largest = 2 ** (bits - 1) - 1
        output = 1 if weight.ndim == 2 else 0  # Linear is (in, out), Conv2d (out, in, ...)
        outputs_apart = tuple(axis for axis in range(weight.ndim) if axis != output)
        scale = np.abs(weight).max(axis=outputs_apart, keepdims=True) / largest
        self.scale = scale.astype(np.float32)
        steps = weight / np.where(self.scale > 0, self.scale, 1)
        integers = np.rint(steps).clip(-largest, largest).astype(np.int8)
        self.bits = bits
        self.shape = weight.shape
        self.stored = integers if bits == 8 else _pack(integers, bits)

    @property
    def integers(self) -> np.ndarray:
        """The integers as an int8 array of the weight's shape."""
        return self.stored if self.bits == 8 else _unpack(self.stored, self.bits, self.shape)

    def dequantize(self) -> np.ndarray:
        """Return ``integers * scale`` as float32; zeros are exactly 0.0."""
        return self.integers * self.scale

    def extra_repr(self) -> str:
        """Return shape and number of bits."""
        return f"{self.shape}, bits={self.bits}"


def _pack(integers: np.ndarray, bits: int) -> np.ndarray:
    """Write the low bits of each integer (its two's complement) one behind the other."""
    every_bit = np.unpackbits(integers.reshape(-1, 1).view(np.uint8), axis=1)
    return np.packbits(every_bit[:, 8 - bits :])


def _unpack(stored: np.ndarray, bits: int, shape: tuple[int, ...]) -> np.ndarray:
    """Undo :func:`_pack`: put the bits at the top of a byte, and shift down with the sign."""
    size = int(np.prod(shape))
    low_bits = np.unpackbits(stored, count=size * bits).reshape(size, bits)
    return (np.packbits(low_bits, axis=1).view(np.int8) >> (8 - bits)).reshape(shape)


class _Quantized(Module):
    """A layer like another one, with its weight quantized; the layer's own forward does the rest.

    Parameters
    ----------
    layer : Linear or Conv2d
        What to take everything but the weight from; the bias stays a float32 parameter.
    quantized : QuantizedWeight
        The weight; layers that shared a parameter share this.
    """

    def __init__(self, layer: Module, quantized: QuantizedWeight) -> None:
        vars(self).update({name: v for name, v in vars(layer).items() if name != "weight"})
        self.quantized = quantized

    @property
    def weight(self) -> Tensor:
        """The weight in float32, made anew at each use and read-only; it is not trained."""
        values = self.quantized.dequantize()
        values.flags.writeable = False
        return Tensor(values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.extra_repr()}, bits={self.quantized.bits})"


class QuantizedLinear(_Quantized, Linear):  # type: ignore[misc]
    """:class:`~tinytorch.core.layers.Linear` on integers; made by :func:`quantize_model`."""


class QuantizedConv2d(_Quantized, Conv2d):  # type: ignore[misc]
    """:class:`~tinytorch.core.spatial.Conv2d` on integers; made by :func:`quantize_model`."""


def quantized_integers(model: Module) -> dict[str, np.ndarray]:
    """Return the integers that a model stores in place of weights, each shared one once.

    Parameters
    ----------
    model : Module

    Returns
    -------
    dict of str to ndarray of int8
        The arrays, of the weights' shapes, by name; empty for a model that is not quantized.

    Examples
    --------
    >>> model = quantize_model(Linear(3, 2))
    >>> [(name, array.shape) for name, array in quantized_integers(model).items()]
    [('quantized', (3, 2))]
    """
    found = model.named_modules()
    return {name: m.integers for name, m in found if isinstance(m, QuantizedWeight)}


_QUANTIZED: dict[type, type[_Quantized]] = {Linear: QuantizedLinear, Conv2d: QuantizedConv2d}


def quantize_model(model: Module, bits: int = 8) -> Module:
    """Replace every Linear and Conv2d by a layer that stores its weight as integers, in place.

    Parameters
    ----------
    model : Module
        A model, or a bare layer. Layers are found wherever parameters are: in attributes, lists,
        tuples, dicts, and modules inside modules (the projections of attention among them).
    bits : int, default 8
        Size of an integer, 2 to 8.

    Returns
    -------
    Module
        The model; for a bare layer, the layer that takes its place.

    Raises
    ------
    ValueError
        If `bits` is not an integer from 2 to 8, the model is quantized already, it has no layer to
        quantize, or a weight is not finite. The model is unchanged then.
    TypeError
        If `model` is not a module.

    Notes
    -----
    Every weight that is exactly zero stays exactly zero; others may become zero, when they are
    smaller than half a step. Layers that share a weight share its integers. Biases, norms and
    embeddings stay in float32, and so does a layer whose weight is also used outside Linear and
    Conv2d: a GPT's token embedding, which is its output matrix too, is left as it is.

    Quantized weights are not in ``parameters()`` any more, so that no optimizer trains them.
    :func:`quantized_integers` returns them; ``measure_sparsity`` and
    :class:`~tinytorch.profiling.Profiler` count both kinds.

    Examples
    --------
    >>> model = quantize_model(Linear(64, 10), bits=8)
    >>> model
    QuantizedLinear(64, 10, bits=8)
    >>> model.quantized.stored.dtype, model.quantized.stored.nbytes
    (dtype('int8'), 640)
    """
    if not isinstance(model, Module):
        raise TypeError(f"quantize_model takes a Module, got {type(model).__name__}")
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"quantize_model: bits must be an integer from 2 to 8, got {bits!r}")
    layers = _quantizable_layers(model)
    weights: dict[Tensor, QuantizedWeight] = {}
    for layer in layers:
        if layer.weight not in weights:
            weights[layer.weight] = QuantizedWeight(layer.weight.data, int(bits))
    new = {id(old): _QUANTIZED[type(old)](old, weights[old.weight]) for old in layers}
    for module in list(model.modules()):
        for name, value in list(vars(module).items()):
            vars(module)[name] = _with_replaced(value, new)
    return new.get(id(model), model)


def _quantizable_layers(model: Module) -> list[Any]:
    """Return the layers to replace, after checking that all of them can be."""
    candidates: list[tuple[str, Any]] = []
    used_elsewhere: set[Tensor] = set()
    for name, module in model.named_modules():
        if isinstance(module, QuantizedWeight):
            raise ValueError(
                f"{type(model).__name__} is quantized already ({name}); quantize the float model"
            )
        if type(module) in _QUANTIZED:  # a subclass may compute something else
            candidates.append((name, module))
        else:
            used_elsewhere.update(v for _, v in _members(module) if isinstance(v, Parameter))
    layers = [(name, layer) for name, layer in candidates if layer.weight not in used_elsewhere]
    if not layers:
        raise ValueError(f"{type(model).__name__} has no Linear or Conv2d layer to quantize")
    for name, layer in layers:
        if not np.isfinite(layer.weight.data).all():
            raise ValueError(f"{name or layer}: the weight has entries that are not finite")
    return [layer for _, layer in layers]


def _with_replaced(value: Any, new: dict[int, _Quantized]) -> Any:
    """Return an attribute with layers exchanged; lists and dicts are changed in place."""
    if id(value) in new:
        return new[id(value)]
    if isinstance(value, list):
        value[:] = [_with_replaced(item, new) for item in value]
    elif isinstance(value, dict):
        value.update({key: _with_replaced(item, new) for key, item in value.items()})
    elif isinstance(value, tuple):
        return tuple(_with_replaced(item, new) for item in value)
    return value
