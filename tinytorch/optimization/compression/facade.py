"""``CompressionComplete``: module 17's functions under one name, each call passed on as it is.

There is one implementation, the labs' own; a method looks its function up in
``tinytorch.optimization.compression`` when it is called, so the methods of finished labs work
while others are still missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinytorch.optimization import compression


class CompressionComplete:
    """The functional API of module 17 as static methods; see the function of the same name.

    Examples
    --------
    >>> from tinytorch import Linear
    >>> CompressionComplete.measure_sparsity(Linear(3, 4))
    0.0
    """

    @staticmethod
    def measure_sparsity(model: Any) -> float:
        """Return the fraction in [0, 1] of a model's parameters that are exactly zero."""
        return compression.measure_sparsity(model)

    @staticmethod
    def magnitude_prune(model: Any, sparsity: float) -> Any:
        """Zero the `sparsity` share of weights smallest in absolute value, in place."""
        return compression.magnitude_prune(model, sparsity)

    @staticmethod
    def sparsity_schedule(
        step: int,
        begin: int,
        end: int,
        final_sparsity: float,
        initial_sparsity: float = 0.0,
        frequency: int = 1,
    ) -> float:
        """Return the sparsity that a gradually pruned model should have at a step."""
        return compression.sparsity_schedule(
            step, begin, end, final_sparsity, initial_sparsity, frequency
        )

    @staticmethod
    def structured_prune(model: Any, prune_ratio: float, ignored_layers: Sequence[Any] = ()) -> Any:
        """Zero the `prune_ratio` share of output units of smallest L2 norm, in place."""
        return compression.structured_prune(model, prune_ratio, ignored_layers)

    @staticmethod
    def remove_pruned_channels(model: Any, example_input: Any) -> Any:
        """Return a physically smaller model with the same outputs."""
        return compression.remove_pruned_channels(model, example_input)

    @staticmethod
    def low_rank_approximate(weight: Any, rank_ratio: float) -> tuple[Any, Any, Any]:
        """Return the truncated singular value decomposition (U, S, V) of a matrix."""
        return compression.low_rank_approximate(weight, rank_ratio)

    @staticmethod
    def compress_model(model: Any, config: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Run the compression pipeline; return the model and what was measured."""
        return compression.compress_model(model, config)
