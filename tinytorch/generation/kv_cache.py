"""The memory of generation: keys and values of the tokens that a transformer has already read.

In a causal model they never change when a token is appended, so a step needs only the new token's.
Leans on :mod:`tinytorch.core`; attention writes to the cache and reads from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinytorch.core.tensor import Tensor

if TYPE_CHECKING:
    from tinytorch.models.transformer import GPT


class LayerCache:
    """Keys and values of one attention layer.

    Parameters
    ----------
    capacity : int
        How many positions fit.

    Attributes
    ----------
    length : int
        How many positions are stored.

    Examples
    --------
    >>> cache = LayerCache(capacity=3)
    >>> first, second = Tensor(np.ones((2, 4))), Tensor(np.zeros((1, 4)))
    >>> keys, values = cache.extend(first, first)
    >>> keys, values = cache.extend(second, second)
    >>> keys.shape, cache.length
    ((3, 4), 3)
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.length = 0
        self._stored: np.ndarray | None = None

    def extend(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Append the keys and values of the next positions; return those of all positions.

        Parameters
        ----------
        key, value : Tensor of shape (..., L, D)
            The L new positions. Batch and width are those of the first call.

        Returns
        -------
        key, value : Tensor of shape (..., length, D)
            Views of the cache: no stored position is copied.

        Raises
        ------
        ValueError
            If they do not fit, or carry a graph, which the cache cannot keep.
        """
        if key.requires_grad or value.requires_grad:
            raise ValueError("a cache keeps values but no graph; run the model under no_grad()")
        end = self.length + key.shape[-2]
        if end > self.capacity:
            raise ValueError(f"the cache holds {self.length} of {self.capacity} positions; "
                             f"{key.shape[-2]} more do not fit")  # fmt: skip
        room = (2, *key.shape[:-2], self.capacity, key.shape[-1])
        if self._stored is None or self.length == 0:
            self._stored = np.empty(room, key.dtype)
        elif self._stored.shape != room:
            raise ValueError(
                f"the cache holds keys of shape (..., L, D) = {self._stored.shape[1:]}, "
                f"got {key.shape}; clear() it before another batch"
            )
        self._stored[0, ..., self.length : end, :] = key.data
        self._stored[1, ..., self.length : end, :] = value.data
        self.length = end
        return Tensor(self._stored[0, ..., :end, :]), Tensor(self._stored[1, ..., :end, :])


class KVCache:
    """Keys and values of every layer of a GPT, so that a token costs O(T) and not O(T^2).

    Parameters
    ----------
    model : GPT
        Gives the number of layers and of positions.

    Attributes
    ----------
    layers : list of LayerCache
        One for each block.

    Notes
    -----
    Pope et al. (2022), arXiv:2211.05102, describe the cache and its cost. Without it, token T
    passes T positions through every layer and scores T^2 pairs; with it, one position and T pairs.
    The memory is ``2 * layers * batch * context_length * embed_dim`` numbers.

    Examples
    --------
    >>> from tinytorch.models import GPT
    >>> model = GPT(vocab_size=10, embed_dim=8, num_heads=2, num_layers=1, context_length=16)
    >>> prompt = np.array([[1, 2, 3]])
    >>> cached = model.generate(prompt, 5, temperature=0.0, cache=KVCache(model))
    >>> np.array_equal(cached, model.generate(prompt, 5, temperature=0.0))
    True
    """

    def __init__(self, model: GPT) -> None:
        self.layers = [LayerCache(model.context_length) for _ in model.blocks]

    @property
    def length(self) -> int:
        """How many positions are stored."""
        return self.layers[0].length

    def clear(self) -> None:
        """Forget everything; the memory is used again."""
        for layer in self.layers:
            layer.length = 0
