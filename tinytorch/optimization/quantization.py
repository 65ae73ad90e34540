"""Quantization, module 16: weights as small integers, with scales for outputs or parts of them.

:func:`quantize_model` replaces the layers of :mod:`tinytorch.core` by layers that hold integers and
compute as before. It runs on pruned models without disturbing a zero; lab 07 and the profiler lean
on this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinytorch.core.layers import Linear, Module, _members, check_positive
from tinytorch.core.spatial import Conv2d
from tinytorch.core.tensor import Parameter, Tensor


class QuantizedWeight(Module):
    """A weight as integers of a few bits, times one scale for each output, or for parts of it.

    The range is symmetric, ``-q .. q`` with ``q = 2**(bits - 1) - 1``, so that zero is the integer
    zero: a pruned weight stays pruned, exactly.

    Parameters
    ----------
    weight : ndarray of shape (in, out) or, for a convolution, (out, in, kh, kw)
        The numbers to store, rounded to the nearest.
    bits : int
        2 to 8.
    group_size : int, optional
        Every so many inputs of an output have a scale of their own; it divides their number
        (``in * kh * kw`` in a convolution). One scale for all of them by default.

    Attributes
    ----------
    stored : ndarray
        The integers: int8 for 8 bits; below, `bits` bits each with nothing between them, as bytes.
    scale : ndarray of float32
        What an integer is multiplied with; 0 where all weights are zero. Of shape (1, out), or
        (out, 1, 1, 1) for a convolution; with groups (groups, out).
    bits : int
    shape : tuple of int

    Raises
    ------
    ValueError
        If `bits` is not an integer from 2 to 8, or `group_size` does not divide the inputs.

    Notes
    -----
    Jacob et al. (2018), arXiv:1712.05877, with a zero point of 0; a scale for each output instead
    of one for the tensor after Krishnamoorthi (2018), arXiv:1806.08342; scales for groups after
    Shen et al. (2020), arXiv:1909.05840. Both arrays are buffers: they are saved with the model and
    are not trained.

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

    A large weight costs the precision of its own group alone:

    >>> column = np.array([[0.1], [0.2], [8.0], [4.0]], np.float32)
    >>> QuantizedWeight(column, bits=4).dequantize().ravel().round(3)
    array([0.   , 0.   , 8.   , 3.429], dtype=float32)
    >>> QuantizedWeight(column, bits=4, group_size=2).dequantize().ravel().round(3)
    array([0.114, 0.2  , 8.   , 3.429], dtype=float32)
    """

    def __init__(self, weight: np.ndarray, bits: int, group_size: int | None = None) -> None:
        largest = _largest(bits)
        grouped = _grouped(weight, group_size)
        scale = (np.abs(grouped).max(axis=1) / largest).astype(np.float32)
        steps = grouped / np.where(scale > 0, scale, 1)[:, None]
        integers = np.rint(steps).clip(-largest, largest).astype(np.int8)
        self._hold(_ungrouped(integers, weight.shape), scale, bits, group_size)

    @classmethod
    def of(
        cls, integers: np.ndarray, scale: np.ndarray, bits: int, group_size: int | None = None
    ) -> QuantizedWeight:
        """Hold integers and scales that were found by other means than rounding to the nearest.

        Parameters
        ----------
        integers : ndarray of int, in the weight's shape
            Each from ``-q`` to ``q``.
        scale : ndarray
            Of the shape that the attribute `scale` has.
        bits, group_size
            As for the class.

        Raises
        ------
        ValueError
            If an integer does not fit in `bits`, the scale has another shape, or one is negative
            or not finite.
        TypeError
            If `integers` are none.

        Examples
        --------
        >>> rounded_down = np.array([[3, 0], [-7, 6]])
        >>> weight = QuantizedWeight.of(rounded_down, np.array([[0.125, 0.5]]), bits=4)
        >>> weight.dequantize()
        array([[ 0.375,  0.   ],
               [-0.875,  3.   ]], dtype=float32)
        """
        largest = _largest(bits)
        integers, scale = np.asarray(integers), np.array(scale, np.float32)
        if integers.dtype.kind not in "iu":
            raise TypeError(f"QuantizedWeight.of takes integers, got dtype {integers.dtype}")
        if integers.size and not -largest <= integers.min() <= integers.max() <= largest:
            raise ValueError(
                f"QuantizedWeight.of: {bits} bits hold {-largest}..{largest}, got integers "
                f"{integers.min()}..{integers.max()}"
            )
        if scale.shape != (shape := _scale_shape(integers, group_size)):
            raise ValueError(
                f"QuantizedWeight.of: integers of shape {integers.shape} with "
                f"group_size={group_size} need a scale of shape {shape}, got {scale.shape}"
            )
        if not (np.isfinite(scale) & (scale >= 0)).all():
            raise ValueError("QuantizedWeight.of: the scale has entries that are negative or not "
                             "finite")  # fmt: skip
        held = cls.__new__(cls)
        held._hold(integers.astype(np.int8), scale, bits, group_size)
        return held

    def _hold(
        self, integers: np.ndarray, scale: np.ndarray, bits: int, group_size: int | None
    ) -> None:
        self.scale = scale.reshape(_scale_shape(integers, group_size))
        self.bits = int(bits)
        self.group_size = group_size
        self.shape = integers.shape
        self.stored = integers if bits == 8 else _pack(integers, bits)

    @property
    def integers(self) -> np.ndarray:
        """The integers as an int8 array of the weight's shape."""
        return self.stored if self.bits == 8 else _unpack(self.stored, self.bits, self.shape)

    def dequantize(self) -> np.ndarray:
        """Return ``integers * scale`` as float32; zeros are exactly 0.0."""
        if self.group_size is None:
            return self.integers * self.scale
        grouped = _grouped(self.integers, self.group_size)
        return _ungrouped(grouped * self.scale[:, None], self.shape)

    def extra_repr(self) -> str:
        """Return shape, number of bits, and size of groups."""
        groups = "" if self.group_size is None else f", group_size={self.group_size}"
        return f"{self.shape}, bits={self.bits}{groups}"


def _largest(bits: Any) -> int:
    """Return the largest integer of so many bits, after checking them."""
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    return int(2 ** (bits - 1) - 1)


def _grouped(weight: np.ndarray, group_size: int | None) -> np.ndarray:
    """Return a weight as (groups, inputs of a group, outputs), whatever layer it is of."""
    matrix = weight if weight.ndim == 2 else weight.reshape(len(weight), -1).T
    inputs, outputs = matrix.shape
    if group_size is not None:
        check_positive("QuantizedWeight", group_size=group_size)
        if inputs % group_size:
            raise ValueError(
                f"group_size={group_size} does not divide the {inputs} inputs of each output of a "
                f"weight of shape {weight.shape}"
            )
    return matrix.reshape(-1, inputs if group_size is None else group_size, outputs)


def _ungrouped(grouped: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo :func:`_grouped`."""
    matrix = grouped.reshape(-1, grouped.shape[2])
    return matrix if len(shape) == 2 else np.ascontiguousarray(matrix.T).reshape(shape)


def _scale_shape(weight: np.ndarray, group_size: int | None) -> tuple[int, ...]:
    """Return the shape of a weight's scale: without groups, it broadcasts with the weight."""
    groups, _, outputs = _grouped(weight, group_size).shape
    convolution = group_size is None and weight.ndim > 2
    return (outputs, *(1,) * (weight.ndim - 1)) if convolution else (groups, outputs)


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


def quantize_model(
    model: Module,
    bits: int = 8,
    group_size: int | None = None,
    weights: Mapping[str, QuantizedWeight] | None = None,
) -> Module:
    """Replace every Linear and Conv2d by a layer that stores its weight as integers, in place.

    Parameters
    ----------
    model : Module
        A model, or a bare layer. Layers are found wherever parameters are: in attributes, lists,
        tuples, dicts, and modules inside modules (the projections of attention among them).
    bits : int, default 8
        Size of an integer, 2 to 8.
    group_size : int, optional
        Every so many inputs of an output have a scale of their own, see :class:`QuantizedWeight`.
    weights : mapping of str to QuantizedWeight, optional
        By the name of a layer, as ``named_modules`` has it, the integers to put there in place of
        rounding to the nearest.

    Returns
    -------
    Module
        The model; for a bare layer, the layer that takes its place.

    Raises
    ------
    ValueError
        If `bits` is not an integer from 2 to 8, `group_size` does not divide the inputs of a layer,
        the model is quantized already, it has no layer to quantize, a weight is not finite, or
        `weights` does not fit the layers. The model is unchanged then.
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
    :class:`~tinytorch.profiling.profiler.Profiler` count both kinds.

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
    _largest(bits)
    layers = _quantizable_layers(model)
    quantized = _given_weights(layers, weights or {})
    for name, layer in layers.items():
        if layer.weight not in quantized:
            try:
                quantized[layer.weight] = QuantizedWeight(layer.weight.data, bits, group_size)
            except ValueError as error:
                raise ValueError(f"quantize_model: {name or layer}: {error}") from None
    new = {id(old): _QUANTIZED[type(old)](old, quantized[old.weight]) for old in layers.values()}
    for module in list(model.modules()):
        for name, value in list(vars(module).items()):
            vars(module)[name] = _with_replaced(value, new)
    return new.get(id(model), model)


def _given_weights(
    layers: dict[str, Any], weights: Mapping[str, QuantizedWeight]
) -> dict[Tensor, QuantizedWeight]:
    """Return the integers for the parameters that they are given for, after checking that they fit.

    Of layers that share a parameter, the first one's are taken.
    """
    if unknown := sorted(weights.keys() - layers.keys()):
        raise ValueError(
            f"quantize_model: weights for {', '.join(unknown)}, but the layers to quantize are "
            f"{', '.join(layers)}"
        )
    found: dict[Tensor, QuantizedWeight] = {}
    for name, layer in layers.items():
        if name in weights:
            if weights[name].shape != layer.weight.shape:
                raise ValueError(
                    f"quantize_model: {name or layer} has a weight of shape {layer.weight.shape}, "
                    f"the integers given for it {weights[name].shape}"
                )
            found.setdefault(layer.weight, weights[name])
    return found


def _quantizable_layers(model: Module) -> dict[str, Any]:
    """Return the layers to replace by name, after checking that all of them can be."""
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
    layers = {name: layer for name, layer in candidates if layer.weight not in used_elsewhere}
    if not layers:
        raise ValueError(f"{type(model).__name__} has no Linear or Conv2d layer to quantize")
    for name, layer in layers.items():
        if not np.isfinite(layer.weight.data).all():
            raise ValueError(f"{name or layer}: the weight has entries that are not finite")
    return layers


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
