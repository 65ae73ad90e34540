"""Reverse-mode automatic differentiation: the walk over the graph, apart from the operations.

An operation (see :mod:`tinytorch.core.tensor`) leaves on its result one *edge* per input that needs
a gradient: the input, and the function that carries a gradient back to it. This module walks those
edges, each node once, in reverse topological order and without recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tinytorch.core.tensor import Tensor

Vjp = Callable[[np.ndarray], np.ndarray]
"""Vector-Jacobian product: the gradient of the output in, the gradient of one input out."""

_grad_enabled = True


class Guarded:
    """A vector-Jacobian product that reads tensors, and the versions that it has to find.

    Whatever changes a tensor in place in tinytorch (an optimizer's step, a mask,
    ``load_state_dict``) counts up its version. What you write into ``tensor.data`` yourself is not
    counted, as in PyTorch.

    Parameters
    ----------
    vjp : Vjp
    read : sequence of Tensor
        The leaves whose values `vjp` reads.
    """

    __slots__ = ("found", "vjp")

    def __init__(self, vjp: Vjp, read: Sequence[Tensor]) -> None:
        self.vjp = vjp
        self.found = [(tensor, tensor._version) for tensor in read]

    def __call__(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient that the function returns, after :meth:`check`."""
        self.check()
        return self.vjp(gradient)

    def check(self) -> None:
        """Raise a RuntimeError if a tensor was changed since."""
        for tensor, version in self.found:
            if tensor._version != version:
                raise RuntimeError(
                    f"backward() needs a {type(tensor).__name__.lower()} of shape {tensor.shape} "
                    "that was changed in place after the forward pass, by an optimizer's step, a "
                    f"mask or load_state_dict: it is at version {tensor._version}, expected "
                    f"{version}. Change it after backward(), or run the forward pass again"
                )


def is_grad_enabled() -> bool:
    """Return whether operations record the graph at this moment."""
    return _grad_enabled


class no_grad(ContextDecorator):
    """Build no graph inside the ``with`` block (or the decorated function).

    Examples
    --------
    >>> from tinytorch import Tensor
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __init__(self) -> None:
        self._previous: list[bool] = []

    def __enter__(self) -> no_grad:
        global _grad_enabled
        self._previous.append(_grad_enabled)
        _grad_enabled = False
        return self

    def __exit__(self, *exc_info: object) -> None:
        global _grad_enabled
        _grad_enabled = self._previous.pop()


def unbroadcast(gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum a gradient over the axes along which its operand was broadcast.

    Parameters
    ----------
    gradient : ndarray
        Gradient with respect to the broadcast operand.
    shape : tuple of int
        The operand's own shape.

    Returns
    -------
    ndarray of shape `shape`

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    >>> unbroadcast(np.ones((4, 3)), (4, 1)).shape
    (4, 1)
    """
    if gradient.shape == shape:
        return gradient
    added = gradient.ndim - len(shape)
    stretched = tuple(
        axis
        for axis in range(gradient.ndim)
        if axis < added or (shape[axis - added] == 1 and gradient.shape[axis] != 1)
    )
    return gradient.sum(axis=stretched, keepdims=True).reshape(shape)


def topological_order(root: Tensor) -> list[Tensor]:
    """List the nodes that `root` was computed from, every input before its outputs.

    The depth-first search keeps its own stack, so the depth of a graph is bounded by memory and
    not by Python's recursion limit.
    """
    order: list[Tensor] = []
    seen: set[int] = set()
    stack: list[tuple[Tensor, bool]] = [(root, False)]
    while stack:
        node, inputs_done = stack.pop()
        if inputs_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            for parent, _ in node._edges:
                if id(parent) not in seen:
                    stack.append((parent, False))
    return order


def backward(root: Tensor, gradient: np.ndarray) -> None:
    """Add to every leaf's ``.grad`` the gradient of `root` times `gradient`.

    Each node is visited once, after all of its consumers, so the cost is linear in the number of
    edges, for residual (diamond) graphs too.

    Parameters
    ----------
    root : Tensor
        Where the walk starts.
    gradient : ndarray
        Gradient with respect to `root`, of its shape.

    Raises
    ------
    RuntimeError
        If a value that the walk needs was changed in place; no gradient is changed then.
    """
    order = topological_order(root)
    for node in order:
        for _, vjp in node._edges:
            if type(vjp) is Guarded:
                vjp.check()
    gradients: dict[int, np.ndarray] = {id(root): gradient}
    for node in reversed(order):
        incoming = gradients.pop(id(node))
        if not node._edges:
            _accumulate(node, incoming)
            continue
        for parent, vjp in node._edges:
            outgoing = unbroadcast(vjp(incoming), parent.data.shape)
            if not parent._edges and (outgoing is incoming or outgoing.base is not None):
                outgoing = outgoing.copy()  # a leaf keeps its gradient, so it must own it
            key = id(parent)
            gradients[key] = gradients[key] + outgoing if key in gradients else outgoing


def _accumulate(leaf: Tensor, gradient: np.ndarray) -> None:
    """Add a gradient to a leaf's, in the leaf's own precision."""
    gradient = np.asarray(gradient, dtype=leaf.data.dtype)
    if leaf.grad is None:
        leaf.grad = gradient
    else:
        leaf.grad += gradient
