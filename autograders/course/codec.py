"""tinytorch's tensors, whose gradients flow across, and the state of its modules.

A tensor crosses with its values, gradient, mask and version. One that was computed has, on the
other side, one node: its backward pass asks the side that computed it for the gradients of those
tensors that both sides have, and lets that side's own leaves keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.codecs.objects import Objects, slots_of
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.state import State, generator
from autograders.grading.crossing.table import COPY, Entry
from tinytorch import Parameter, Tensor
from tinytorch.core import autograd, random
from tinytorch.core.tensor import record


class Graph:
    """What a tensor was computed from, for the side that has only the result.

    It does not hold the tensor: whoever has the result holds the graph, and if that held the
    result, neither side could ever forget it.

    Parameters
    ----------
    result : Tensor
        The tensor.
    shared : list of Tensor
        The tensors on the way to it that both sides have.
    """

    def __init__(self, result: Tensor, shared: list[Tensor]) -> None:
        self.root, self.shared = record(result.data), shared
        self.root._edges = result._edges

    def backward(self, gradient: Any) -> tuple[Any, ...]:
        """Return the gradients of the shared tensors; leaves of this side's own keep theirs."""
        ends = {id(tensor) for tensor in self.shared}
        gradients = {id(self.root): np.asarray(gradient)}
        for node in reversed(self._order(ends)):
            if id(node) in ends and node is not self.root:
                continue
            incoming = gradients.pop(id(node), None)
            if incoming is None:
                continue
            if not node._edges:
                autograd._accumulate(node, np.array(incoming))
                continue
            for parent, vjp in self._edges(node):
                outgoing = autograd.unbroadcast(vjp(incoming), parent.data.shape)
                key = id(parent)
                gradients[key] = gradients[key] + outgoing if key in gradients else outgoing
        found = (gradients.get(id(tensor)) for tensor in self.shared)
        return tuple(None if gradient is None else np.asarray(gradient) for gradient in found)

    def _edges(self, node: Tensor) -> list[tuple[Tensor, Any]]:
        """Return a node's edges; where a circle leads back to the result, they lead to the root."""
        own = self.root._edges
        return [(self.root if p._edges is own else p, vjp) for p, vjp in node._edges]

    def _order(self, ends: set[int]) -> list[Tensor]:
        """Return the nodes from the ends to the root, every input before its outputs."""
        order: list[Tensor] = []
        seen: set[int] = set()
        stack = [(self.root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                if node is self.root or id(node) not in ends:
                    stack += [(p, False) for p, _ in self._edges(node) if id(p) not in seen]
        return order


_NAMES = ("data", "grad", "requires_grad", "_version", "_mask")


class Tensors(Codec):
    """Tensors and parameters, of tinytorch's classes and derived ones."""

    tag = "T"

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.objects = Objects(peer, frozenset({"_edges"}))

    def takes(self, kind: type) -> bool:
        return issubclass(kind, Tensor)  # whatever a mock says of itself

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        now = self.see(thing)
        if now is not None and entry.seen is not None and now[0] is entry.seen[0]:
            pairs = zip(_NAMES, now[1:], entry.seen[1:], strict=True)
            return [[[name, writer.slot(value)] for name, value, old in pairs if value is not old]]
        if entry.note is None:  # a graph does not change
            entry.note = self._graph(thing, writer)
        return [*self.objects.parts(thing, writer, entry), entry.note]

    def see(self, thing: Any) -> tuple[Any, ...] | None:
        kind = type(thing)
        if kind is not Tensor and kind is not Parameter:
            return None
        try:
            mask = None if kind is Tensor else thing._mask
            return kind, thing.data, thing.grad, thing.requires_grad, thing._version, mask
        except AttributeError:  # somebody took it away
            return None

    def look_over(self, entries: Iterable[Entry], writer: Any) -> None:
        # Written out, for most objects are tensors.
        for entry in entries:
            thing, seen = entry.thing, entry.seen
            if seen is not None and type(thing) is seen[0]:
                kind, data, grad, requires_grad, version, mask = seen
                try:
                    if (
                        thing.data is data
                        and thing.grad is grad
                        and thing.requires_grad is requires_grad
                        and thing._version is version
                        and (kind is Tensor or thing._mask is mask)
                    ):
                        continue
                except AttributeError:
                    pass  # somebody took it away, which is a change
            writer.again(entry)

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        return self.objects.make(parts, reader, number)

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        if len(parts) == 1:  # only what has changed
            slots = slots_of(type(thing))
            for name, slot in parts[0]:
                if name not in _NAMES or name not in slots:
                    raise Refused("an attribute is malformed")
                slots[name].__set__(thing, reader.value(slot))
            self._check(thing)
            return
        kind, state, graph = parts
        if any(name == "_edges" for name, _ in state):
            raise Refused("what a tensor was computed from is malformed")
        self.objects.fill(thing, [kind, state], reader, entry)
        self._check(thing)
        if entry.note is None:
            entry.note = graph
            thing._edges = self._edges(thing, graph, reader)
        elif entry.note != graph:
            raise Refused("a tensor changed what it was computed from")

    @staticmethod
    def _check(thing: Tensor) -> None:
        """Make sure that a tensor is one."""
        for name in ("data", "grad", "_mask"):
            value = getattr(thing, name, None)
            empty = name != "data" and value is None
            if not empty and type(value) is not np.ndarray:
                raise Refused(f"a tensor's {name.strip('_')} is no array, but {type(value)!s:.80}")
            if (
                name == "_mask"
                and value is not None
                and (value.dtype != bool or value.shape != thing.data.shape)
            ):
                raise Refused("a parameter's mask has another shape or type than the parameter's")
        if type(thing.requires_grad) is not bool:
            raise Refused("a tensor's requires_grad is neither True nor False")
        if type(getattr(thing, "_version", None)) is not int:
            raise Refused("a tensor's version is no whole number")

    def _graph(self, thing: Tensor, writer: Any) -> Any:
        if not thing._edges:
            return 0
        known = self.peer.table
        shared = []
        for node in _order_until(thing, lambda t: _is_shared(known, t)):
            if node is not thing and _is_shared(known, node):
                shared.append(node)
        graph = Graph(thing, shared)
        return [writer.slot(graph), [writer.slot(tensor) for tensor in shared]]

    def _edges(self, thing: Tensor, graph: Any, reader: Any) -> tuple[Any, ...]:
        if graph == 0:
            return ()
        if type(graph) is not list or len(graph) != 2:
            raise Refused("what a tensor was computed from is malformed")
        far, shared = reader.value(graph[0]), reader.values(graph[1])
        if not all(isinstance(tensor, Tensor) for tensor in shared):
            raise Refused("what a tensor was computed from is malformed")
        call = _Remote(self.peer, far, shared)
        # Without a tensor that both sides have, the other side is asked all the same.
        inputs = shared or [Tensor(np.zeros((), thing.data.dtype))]
        return tuple((tensor, call.of(number)) for number, tensor in enumerate(inputs))


def _is_shared(table: Any, tensor: Tensor) -> bool:
    entry = table.find(tensor)
    return entry is not None and entry.kind == COPY


def _order_until(root: Tensor, stop: Any) -> list[Tensor]:
    found: list[Tensor] = []
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        found.append(node)
        if node is root or not stop(node):
            stack += [parent for parent, _ in node._edges]
    return found


class _Remote:
    """The backward pass of a tensor that the other side computed: one request for all inputs."""

    def __init__(self, peer: Any, graph: Any, shared: list[Tensor]) -> None:
        self.peer, self.graph = peer, graph
        self.shared = shared
        self.asked: Any = None
        self.found: list[Any] = []

    def of(self, number: int) -> Any:
        """Return the function that gives one input's gradient."""

        def gradient(incoming: np.ndarray) -> np.ndarray:
            if self.asked is not incoming:
                self.found = self._ask(incoming)
                self.asked = incoming
            found = self.found[number] if self.found else np.zeros(())
            if number == max(len(self.found) - 1, 0):
                self.asked = None  # the next backward pass asks anew
            return found

        return gradient

    def _ask(self, incoming: np.ndarray) -> list[np.ndarray]:
        answer = self.peer.request("backward", self.graph, np.array(incoming))
        if type(answer) is not tuple or len(answer) != len(self.shared):
            raise Refused("a backward pass gave no gradients")
        found = []
        for gradient, tensor in zip(answer, self.shared, strict=True):
            shape = tensor.data.shape
            whole = np.zeros(shape) if gradient is None else gradient
            if type(whole) is not np.ndarray or whole.shape != shape or whole.dtype.kind != "f":
                raise Refused("a backward pass gave a gradient of another shape")
            found.append(whole)
        return found


class Graphs(Codec):
    """What a tensor was computed from; the other side can ask it for gradients and no more."""

    tag = "GR"
    kind = "mine"

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def takes(self, kind: type) -> bool:
        return kind is Graph

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        return []

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        return FarGraph()


class FarGraph:
    """A stand-in for a graph."""


def codecs(peer: Any) -> list[Codec]:
    """Return the codecs of tinytorch's objects."""
    return [Tensors(peer), Graphs(peer)]


def _backward(graph: Any, gradient: Any) -> tuple[Any, ...]:
    if type(graph) is not Graph or type(gradient) is not np.ndarray:
        raise Refused("a backward pass was asked of what has none")
    if gradient.shape != graph.root.data.shape:
        raise Refused("a backward pass was asked for with a gradient of another shape")
    return graph.backward(gradient)


def _set_grad_mode(enabled: Any) -> None:
    autograd._grad_enabled = bool(enabled)


OPERATIONS = {"backward": _backward}
STATES = (
    generator("tinytorch", random.generator),
    State(
        "gradients",
        autograd.is_grad_enabled,
        _set_grad_mode,
        place="tinytorch.core.autograd._grad_enabled",
    ),
)
