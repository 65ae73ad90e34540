"""The profiler: parameters, bytes, floating-point operations and latency of a model.

Sizes are read off the arrays that a model really holds, operations are counted while it runs, and
time is measured. Leans on the core and on quantization; labs 04 and 07 lean on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from math import prod
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from tinytorch.core.autograd import no_grad
from tinytorch.core.layers import Linear, Module, check_positive, evaluation_mode
from tinytorch.core.spatial import AvgPool2d, Conv2d, MaxPool2d
from tinytorch.core.tensor import Tensor
from tinytorch.optimization.quantization import quantized_integers


class Profiler:
    """Measures what a model costs.

    Whatever runs the model runs it in evaluation mode and without a graph, as in use, and leaves
    modes, running statistics and parameters as they were.

    Examples
    --------
    >>> from tinytorch import Sequential, ReLU
    >>> model = Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
    >>> profiler = Profiler()
    >>> profiler.count_parameters(model), profiler.count_bytes(model)
    (2410, 9640)
    >>> profiler.count_flops(model, Tensor(np.zeros((1, 64), np.float32)))
    4736
    """

    def count_parameters(self, model: Module) -> int:
        """Return the number of parameters, each shared one once; quantized weights count."""
        return sum(values.size for values in _values(model))

    def count_nonzero(self, model: Module) -> int:
        """Return the number of parameters that are not exactly zero, quantized weights included."""
        return sum(int(np.count_nonzero(values)) for values in _values(model))

    def count_bytes(self, model: Module) -> int:
        """Return the bytes held by parameters and buffers, each shared array once.

        Zeros take the room of any other number, and masks are not counted: they serve training
        alone. A quantized weight takes the bytes of its integers and scales.
        """
        arrays = [p.data for p in model.parameters()] + [b for _, b in model.named_buffers()]
        return sum(array.nbytes for array in {id(array): array for array in arrays}.values())

    def count_flops(self, model: Module, example_input: Any) -> int:
        """Return the floating-point operations of one forward pass.

        Parameters
        ----------
        model : Module
        example_input : Tensor, or what else the model takes
            The count is for the whole batch.

        Returns
        -------
        int
            Two for each multiply-add of a matrix product (in linear layers, attention, the output
            of a GPT) or convolution, one for each value that pooling reads. Biases, activations
            and norms are left out: they cost less than the products by the width of the layer.

        Notes
        -----
        A weight that is zero costs what any other does, since a dense product computes with it; a
        channel that was removed costs nothing. The operations are counted as they happen, so
        models with a ``forward`` of their own need not be known here.
        """
        total = 0

        def add(flops: int) -> None:
            nonlocal total
            total += flops

        with evaluation_mode(model), no_grad(), _counting(add):
            model(example_input)
        return total

    def measure_latency(
        self, model: Module, example_input: Any, repeats: int = 20, warmup: int = 3
    ) -> float:
        """Return the median duration of a forward pass, in seconds.

        Parameters
        ----------
        model : Module
        example_input : Tensor, or what else the model takes
        repeats : int, default 20
            Passes to take the median of.
        warmup : int, default 3
            Passes before them, which fill caches and are not timed.

        Raises
        ------
        ValueError
            If `repeats` is not positive or `warmup` is negative.
        """
        check_positive("measure_latency", repeats=repeats)
        if warmup < 0:
            raise ValueError(f"measure_latency: warmup must not be negative, got {warmup!r}")
        durations = []
        with evaluation_mode(model), no_grad():
            for _ in range(warmup + repeats):
                start = perf_counter()
                model(example_input)
                durations.append(perf_counter() - start)
        return median(durations[warmup:])

    def profile(self, model: Module, example_input: Any, repeats: int = 20) -> dict[str, float]:
        """Return every measure under its name.

        Returns
        -------
        dict
            ``parameters``, ``nonzero``, ``bytes``, ``flops`` and ``latency`` (median, seconds).
        """
        return {
            "parameters": self.count_parameters(model),
            "nonzero": self.count_nonzero(model),
            "bytes": self.count_bytes(model),
            "flops": self.count_flops(model, example_input),
            "latency": self.measure_latency(model, example_input, repeats),
        }


def _values(model: Module) -> Iterator[np.ndarray]:
    """Yield the numbers of every parameter and of every quantized weight, each once."""
    for parameter in model.parameters():
        yield parameter.data
    yield from quantized_integers(model).values()


def _linear_flops(layer: Linear, x: Tensor, out: Tensor) -> int:
    return 2 * out.size * x.shape[-1]


def _conv_flops(layer: Conv2d, x: Tensor, out: Tensor) -> int:
    return 2 * out.size * x.shape[1] * prod(layer.kernel_size)


def _pool_flops(layer: MaxPool2d | AvgPool2d, x: Tensor, out: Tensor) -> int:
    return out.size * prod(layer.kernel_size)


def _product_flops(left: Any, right: Any, out: Tensor) -> int:
    return 2 * out.size * np.shape(left)[-1]


# Each operation that costs more than one pass over its output, and its price.
_COSTS: tuple[tuple[type, str, Callable[..., int]], ...] = (
    (Tensor, "__matmul__", _product_flops),
    (Linear, "forward", _linear_flops),
    (Conv2d, "forward", _conv_flops),
    (MaxPool2d, "forward", _pool_flops),
    (AvgPool2d, "forward", _pool_flops),
)


@contextmanager
def _counting(add: Callable[[int], None]) -> Iterator[None]:
    """Report the price of every operation while the block runs."""
    plain = [(owner, name, getattr(owner, name)) for owner, name, _ in _COSTS]
    for owner, name, cost in _COSTS:
        setattr(owner, name, _reporting(getattr(owner, name), cost, add))
    try:
        yield
    finally:
        for owner, name, method in plain:
            setattr(owner, name, method)


def _reporting(
    method: Callable[..., Tensor], cost: Callable[..., int], add: Callable[[int], None]
) -> Callable[..., Tensor]:
    @wraps(method)
    def observed(self: Any, other: Any) -> Tensor:
        out = method(self, other)
        add(cost(self, other, out))
        return out

    return observed
