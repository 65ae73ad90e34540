"""Layers: modules that hold parameters and say how an input becomes an output.

:class:`Module` finds parameters by looking at attributes, so a layer is its constructor and its
``forward``. Leans on :mod:`tinytorch.core.tensor`; every model of the course leans on this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from math import prod, sqrt
from reprlib import recursive_repr
from typing import Any

import numpy as np

from tinytorch.core import random
from tinytorch.core.tensor import Parameter, Tensor, record, sum_along


class Module:
    """Base of every layer and model.

    Parameters, submodules, and lists, tuples or dicts of them are found among the attributes;
    there is nothing to register and no constructor to call. An attribute that is an array is a
    *buffer*: state that is saved with the model but not trained.

    Attributes
    ----------
    training : bool
        True after :meth:`train` (the default), False after :meth:`eval`.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter([2.0])
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> scale = Scale()
    >>> [name for name, _ in scale.named_parameters()]
    ['factor']
    >>> scale(Tensor([1.0, 3.0])).data
    array([2., 6.], dtype=float32)
    """

    training: bool = True

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward()")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run :meth:`forward`; tell those who :func:`observe_inputs`, before it."""
        if _observers:
            for observer in _observers.get(id(self), ()):
                observer(*inputs)
        return self.forward(*inputs, **options)

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it with their dotted names, each once."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            name, module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module
                below = [(k, v) for k, v in _members(module, name) if isinstance(v, Module)]
                stack.extend(reversed(below))

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it, each once, however often it is used."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter once, under the first name it is found by.

        A parameter that several layers share is yielded once; whether it is shared is a matter of
        identity (``a.weight is b.weight``), not of equal values.
        """
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            for name, value in _members(module, prefix):
                if isinstance(value, Parameter) and id(value) not in seen:
                    seen.add(id(value))
                    yield name, value

    def parameters(self) -> Iterator[Parameter]:
        """Yield every parameter once, however often it is shared."""
        for _, parameter in self.named_parameters():
            yield parameter

    def named_buffers(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield the arrays that are state but not trained, with their names."""
        for prefix, module in self.named_modules():
            for name, value in _members(module, prefix):
                if isinstance(value, np.ndarray):
                    yield name, value

    def train(self, mode: bool = True) -> Module:
        """Put this module and all below it in training mode; return the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Put this module and all below it in evaluation mode; return the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return a copy of every parameter and buffer by name, and of every mask.

        The mask of a parameter ``weight`` has the name ``weight.mask``; a parameter without a mask
        has no such entry.

        Examples
        --------
        >>> layer = Linear(2, 1)
        >>> layer.weight.mask = [[True], [False]]
        >>> list(layer.state_dict())
        ['weight', 'bias', 'weight.mask']
        """
        state = {name: parameter.data.copy() for name, parameter in self.named_parameters()}
        state |= {name: buffer.copy() for name, buffer in self.named_buffers()}
        masks = {name: p.mask for name, p in self.named_parameters() if p.mask is not None}
        return state | {f"{name}.mask": mask.copy() for name, mask in masks.items()}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """Write saved values into the existing buffers, and put saved masks in force.

        Parameters
        ----------
        state : mapping of str to ndarray
            What :meth:`state_dict` of a model of the same architecture returned. A parameter for
            which it has no mask keeps the one that it has: a state from before pruning, loaded
            into a pruned model, leaves it pruned.

        Raises
        ------
        ValueError
            If names or shapes differ, or a mask is none; nothing is written then.
        TypeError
            If values do not fit the dtype they are written to; nothing is written then.
        """
        parameters = dict(self.named_parameters())
        targets = {name: p.data for name, p in parameters.items()} | dict(self.named_buffers())
        masks = {name: p for name, p in parameters.items() if f"{name}.mask" in state}
        if missing := sorted((targets.keys() | {f"{name}.mask" for name in masks}) ^ state.keys()):
            raise ValueError(f"state and {type(self).__name__} differ in {', '.join(missing)}")
        checked = {p: p.check_mask(state[f"{name}.mask"]) for name, p in masks.items()}
        values = {name: np.asarray(state[name]) for name in targets}
        for name, target in targets.items():
            given = values[name]
            if target.shape != given.shape:
                raise ValueError(f"{name} has shape {target.shape}, the state gives {given.shape}")
            if not np.can_cast(given.dtype, target.dtype, "same_kind"):
                raise TypeError(f"{name} has dtype {target.dtype}, the state gives {given.dtype}")
        for name, target in targets.items():
            target[...] = values[name]
        for parameter in parameters.values():
            parameter._mask = checked.get(parameter, parameter._mask)
            parameter.apply_mask()
            parameter._version += 1

    @recursive_repr()
    def __repr__(self) -> str:
        below = [(name, m) for name, m in _members(self) if isinstance(m, Module)]
        if not below:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in below]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"

    def extra_repr(self) -> str:
        """Return the arguments that ``repr`` shows for a layer."""
        return ""


def _members(module: Module, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a module's attributes with dotted names, looking into lists, tuples and dicts."""
    stack = [(f"{prefix}.{k}" if prefix else k, v) for k, v in reversed(vars(module).items())]
    while stack:
        name, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((f"{name}.{key}", item) for key, item in reversed(value.items()))
        elif isinstance(value, (list, tuple)):
            stack.extend((f"{name}.{i}", value[i]) for i in reversed(range(len(value))))
        else:
            yield name, value


_observers: dict[int, list[Callable[..., object]]] = {}
"""Who is told of the inputs of a module, by its id; empty but inside :func:`observe_inputs`."""


@contextmanager
def observe_inputs(
    model: Module,
    observer: Callable[..., object],
    kind: type[Module] | tuple[type[Module], ...] | None = None,
) -> Iterator[None]:
    """Show `observer` what goes into the layers of a model, while the ``with`` block runs.

    Parameters
    ----------
    model : Module
        A model, or a bare layer, whose name is "".
    observer : callable
        Called as ``observer(name, *inputs)`` before each call of a layer, with the layer's name in
        ``named_modules`` and the very tensors that it is given: to keep one, copy its array. What
        it returns is ignored, and an error in it is the model's.
    kind : type of Module, or tuple of them, optional
        Which layers, :class:`Linear` by default; those made by ``quantize_model`` are of the kind
        of the layer that they replaced.

    Raises
    ------
    ValueError
        If the model has no layer of this kind.
    TypeError
        If `model` is not a module or `observer` cannot be called.

    Notes
    -----
    Nothing is put on the model: what is observed is written down beside it, and crossed out when
    the block ends, also by an error. In PyTorch ``register_forward_pre_hook`` does this, until its
    handle's ``remove()`` is called.

    Examples
    --------
    >>> model, seen = Sequential(Linear(3, 2), Dropout(), Linear(2, 1)), []
    >>> with observe_inputs(model, lambda name, x: seen.append((name, x.shape))):
    ...     out = model(Tensor(np.ones((5, 3), np.float32)))
    >>> seen
    [('layers.0', (5, 3)), ('layers.2', (5, 2))]
    """
    if not isinstance(model, Module):
        raise TypeError(f"observe_inputs takes a Module, got {type(model).__name__}")
    if not callable(observer):
        raise TypeError(f"observe_inputs takes a function to call, got {type(observer).__name__}")
    kinds = kind if isinstance(kind, tuple) else (kind or Linear,)
    found = [(name, module) for name, module in model.named_modules() if isinstance(module, kinds)]
    if not found:
        raise ValueError(f"{type(model).__name__} has no layer of the kind "
                         f"{', '.join(k.__name__ for k in kinds)} to observe")  # fmt: skip
    observed = [(module, partial(observer, name)) for name, module in found]
    try:
        for module, told in observed:
            _observers.setdefault(id(module), []).append(told)
        yield
    finally:
        for module, told in observed:
            told_of = _observers[id(module)]
            told_of.remove(told)
            if not told_of:
                del _observers[id(module)]


@contextmanager
def evaluation_mode(model: Module) -> Iterator[None]:
    """Put a model in evaluation mode inside the ``with`` block.

    Afterwards, also after an error, each module is in its own mode again: a layer that was in
    evaluation mode inside a model in training still is.

    Examples
    --------
    >>> model = Sequential(Linear(2, 2), Dropout(0.5))
    >>> model.layers[0].eval()
    Linear(2, 2)
    >>> with evaluation_mode(model):
    ...     [layer.training for layer in model]
    [False, False]
    >>> [layer.training for layer in model]
    [False, True]
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def uniform(shape: Sequence[int], fan_in: int) -> Parameter:
    """Draw a parameter uniformly from [-1/sqrt(fan_in), 1/sqrt(fan_in)], PyTorch's default.

    Parameters
    ----------
    shape : sequence of int
        Shape of the parameter.
    fan_in : int
        Number of inputs that each output sums over.
    """
    bound = 1 / sqrt(fan_in) if fan_in else 0.0
    return Parameter(random.generator().uniform(-bound, bound, shape).astype(np.float32))


def check_positive(layer: str, **sizes: int) -> None:
    """Raise a ValueError that names the first size that is not a positive integer."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
            raise ValueError(f"{layer}: {name} must be a positive integer, got {size!r}")


def check_input(layer: Module, x: Any) -> None:
    """Raise a TypeError unless `x` is a floating-point tensor."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{layer} expects a Tensor, got {type(x).__name__}; wrap it: Tensor(x)")
    if x.data.dtype.kind != "f":
        raise TypeError(f"{layer} expects floating-point input, got dtype {x.data.dtype}")


class Linear(Module):
    """The affine map ``x @ weight + bias``.

    Parameters
    ----------
    in_features, out_features : int
        Length of the last dimension of the input and of the output.
    bias : bool, default True
        Whether to add a learned bias.

    Attributes
    ----------
    weight : Parameter of shape (in_features, out_features)
        One column for each output unit.
    bias : Parameter of shape (out_features,), or None

    Raises
    ------
    ValueError
        If a size is not positive, or an input's last dimension is not `in_features`.

    Examples
    --------
    >>> layer = Linear(3, 2)
    >>> layer(Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        check_positive("Linear", in_features=in_features, out_features=out_features)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = uniform((in_features, out_features), in_features)
        self.bias = uniform((out_features,), in_features) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features).

        The plain form is ``x @ weight + bias``; here it is one operation, and one matrix product
        for any number of leading dimensions.
        """
        check_input(self, x)
        weight = self.weight
        n_in, n_out = weight.shape
        if x.shape[-1:] != (n_in,):
            raise ValueError(f"{self} got input of shape {x.shape}; its last dimension must be "
                             f"{n_in}")  # fmt: skip
        rows = x.data.reshape(-1, n_in)
        out = rows @ weight.data
        edges: list[tuple[Any, ...]] = [
            (x, lambda g: (g.reshape(-1, n_out) @ weight.data.T).reshape(x.shape), weight),
            (weight, lambda g: rows.T @ g.reshape(-1, n_out), x),
        ]
        if self.bias is not None:
            out += self.bias.data
            edges.append((self.bias, lambda g: g.reshape(-1, n_out).sum(axis=0)))
        return record(out.reshape(*x.shape[:-1], n_out), *edges)

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        bias = "" if self.bias is not None else ", bias=False"
        return f"{self.in_features}, {self.out_features}{bias}"


class Dropout(Module):
    """Zero each entry with probability `p` in training, and scale the rest by 1 / (1 - p).

    Parameters
    ----------
    p : float, default 0.5
        Probability of a zero, in [0, 1].

    Raises
    ------
    ValueError
        If `p` is outside [0, 1].

    Notes
    -----
    Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks from overfitting".
    In evaluation mode the input passes unchanged.

    Examples
    --------
    >>> Dropout(0.5).eval()(Tensor([1.0, 2.0])).data
    array([1., 2.], dtype=float32)
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p must be a probability in [0, 1], got {p!r}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape."""
        check_input(self, x)
        if not self.training or self.p == 0:
            return x
        kept = random.generator().random(x.shape) >= self.p
        scale = kept.astype(x.dtype) / (1 - self.p if self.p < 1 else 1)
        return record(x.data * scale, (x, lambda g: g * scale))

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return f"p={self.p}"


class LayerNorm(Module):
    """Normalise over the last dimensions to mean 0 and variance 1, then scale and shift.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Shape of the dimensions to normalise over.
    eps : float, default 1e-5
        Added to the variance.

    Attributes
    ----------
    weight, bias : Parameter of shape `normalized_shape`
        Scale (initially 1) and shift (initially 0).

    Raises
    ------
    ValueError
        If the input does not end in `normalized_shape`.

    Notes
    -----
    Ba, Kiros and Hinton (2016), arXiv:1607.06450.

    Examples
    --------
    >>> LayerNorm(2)(Tensor([[1.0, 3.0]])).data.round(3)
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(self, normalized_shape: int | Sequence[int], eps: float = 1e-5) -> None:
        if isinstance(normalized_shape, (int, np.integer)):
            normalized_shape = (int(normalized_shape),)
        self.normalized_shape = tuple(normalized_shape)
        if not self.normalized_shape:
            raise ValueError("LayerNorm: normalized_shape must name a dimension, got ()")
        check_positive(
            "LayerNorm", **{f"dimension {i}": n for i, n in enumerate(self.normalized_shape)}
        )
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32))
        self.bias = Parameter(np.zeros(self.normalized_shape, np.float32))

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the input's shape.

        The plain form is ``(x - mean) / sqrt(var + eps) * weight + bias`` with the biased variance
        (``correction=0``); here it is one operation.
        """
        check_input(self, x)
        if x.shape[-len(self.normalized_shape) :] != self.normalized_shape:
            raise ValueError(f"{self} got input of shape {x.shape}; it must end in "
                             f"{self.normalized_shape}")  # fmt: skip
        n = prod(self.normalized_shape)
        rows = x.data.reshape(-1, n)
        weight, bias = self.weight, self.bias
        centred = rows - sum_along(rows, 1) / n
        inverse = 1 / np.sqrt(sum_along(centred, 1, centred) / n + self.eps)
        scale = inverse * weight.data.reshape(n)  # of each entry: for the gradient, too
        out = centred * scale
        out += bias.data.reshape(n)

        def to_x(g: np.ndarray) -> np.ndarray:
            grad = g.reshape(-1, n) * scale
            along = sum_along(grad, 1, centred) * inverse**2 / n
            grad -= sum_along(grad, 1) / n
            grad -= centred * along
            return grad.reshape(x.shape)

        def to_weight(g: np.ndarray) -> np.ndarray:
            return (inverse[:, 0] @ (g.reshape(-1, n) * centred)).reshape(weight.shape)

        def to_bias(g: np.ndarray) -> np.ndarray:
            ones = np.ones(len(rows), g.dtype)  # a product with them sums faster than a reduction
            return (ones @ g.reshape(-1, n)).reshape(bias.shape)

        return record(out.reshape(x.shape), (x, to_x), (weight, to_weight), (bias, to_bias))

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return str(self.normalized_shape)


class Sequential(Module):
    """Layers in a row, each fed with what the one before returned.

    Parameters
    ----------
    *layers : Module, or one list of Module
        ``Sequential(a, b)`` and ``Sequential([a, b])`` are the same.

    Attributes
    ----------
    layers : list of Module

    Raises
    ------
    TypeError
        If something is not a module.

    Examples
    --------
    >>> model = Sequential(Linear(4, 3), Linear(3, 2))
    >>> [name for name, _ in model.named_parameters()]
    ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']
    """

    def __init__(self, *layers: Module | Sequence[Module]) -> None:
        flat = layers[0] if len(layers) == 1 and isinstance(layers[0], (list, tuple)) else layers
        self.layers: list[Module] = list(flat)  # type: ignore[arg-type]
        for layer in self.layers:
            if not isinstance(layer, Module):
                raise TypeError(f"{type(self).__name__} holds modules, got {type(layer).__name__}")

    def forward(self, x: Any) -> Any:
        """Run the layers in order."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    def __getitem__(self, index: int) -> Module:
        return self.layers[index]
