"""The memory of generation: keys and values of the tokens that a transformer has already read.

In a causal model they never change when a token is appended, so a step needs only the new token's.
Leans on :mod:`tinytorch.core`; attention writes to the cache and reads from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinytorch.core.layers import check_positive
from tinytorch.core.tensor import Tensor

if TYPE_CHECKING:
    from tinytorch.models.transformer import GPT


class LayerCache:
    """Keys and values of one attention layer.

    Parameters
    ----------
    capacity : int
        How many positions fit.
    bits : {None, 8}, default None
        8 stores every key and value as integers from -127 to 127, and one float32 scale for each
        of these vectors (of each head, at each position). None stores the numbers as they come.

    Attributes
    ----------
    length : int
        How many positions are stored.

    Raises
    ------
    ValueError
        If `capacity` is not positive or `bits` is another number.

    Examples
    --------
    >>> cache = LayerCache(capacity=3)
    >>> first, second = Tensor(np.ones((2, 4))), Tensor(np.zeros((1, 4)))
    >>> keys, values = cache.extend(first, first)
    >>> keys, values = cache.extend(second, second)
    >>> keys.shape, cache.length
    ((3, 4), 3)

    In 8 bits a vector of 4 numbers takes 4 bytes and 4 for its scale, in float32 it takes 16:

    >>> small = LayerCache(capacity=3, bits=8)
    >>> keys, values = small.extend(Tensor([[1.0, 0.5, 0.0, -0.25]]), Tensor([[0.0] * 4]))
    >>> keys.data.round(4)
    array([[ 1.    ,  0.5039,  0.    , -0.252 ]], dtype=float32)
    >>> small.nbytes
    48
    """

    def __init__(self, capacity: int, bits: int | None = None) -> None:
        check_positive("LayerCache", capacity=capacity)
        if bits not in (None, 8):
            raise ValueError(f"a cache stores floats (bits=None) or 8 bits, got bits={bits!r}")
        self.capacity = capacity
        self.bits = bits
        self.length = 0
        self._stored: np.ndarray | None = None  # keys, then values
        self._scale: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        """The bytes that the cache holds: room for `capacity` positions, after the first call."""
        return sum(held.nbytes for held in (self._stored, self._scale) if held is not None)

    def extend(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Append the keys and values of the next positions; return those of all positions.

        Parameters
        ----------
        key, value : Tensor of shape (..., L, D)
            The L new positions. Batch and width are those of the first call.

        Returns
        -------
        key, value : Tensor of shape (..., length, D)
            Views of the cache: no stored position is copied. From 8 bits they are made anew, each
            entry at most half a step, 1/254 of its vector's largest, away from what came.

        Raises
        ------
        ValueError
            If they do not fit, or carry a graph, which the cache cannot keep; in 8 bits, if one is
            not finite.
        """
        if key.requires_grad or value.requires_grad:
            raise ValueError("a cache keeps values but no graph; run the model under no_grad()")
        start, end = self.length, self.length + key.shape[-2]
        if end > self.capacity:
            raise ValueError(f"the cache holds {self.length} of {self.capacity} positions; "
                             f"{key.shape[-2]} more do not fit")  # fmt: skip
        room = (2, *key.shape[:-2], self.capacity, key.shape[-1])
        if self._stored is None or self._stored.shape != room:
            if start and self._stored is not None:
                raise ValueError(
                    f"the cache holds keys of shape (..., L, D) = {self._stored.shape[1:]}, "
                    f"got {key.shape}; clear() it before another batch"
                )
            self._stored = np.empty(room, key.dtype if self.bits is None else np.int8)
            self._scale = None if self.bits is None else np.empty((*room[:-1], 1), key.dtype)
        for i, new in enumerate((key.data, value.data)):
            if self._scale is not None:
                new, self._scale[i, ..., start:end, :] = _to_integers(new)
            self._stored[i, ..., start:end, :] = new
        self.length = end
        held = self._stored[..., :end, :]
        if self._scale is not None:
            held = held * self._scale[..., :end, :]
        return Tensor(held[0]), Tensor(held[1])


def _to_integers(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round each vector, along the last axis, to 127ths of its largest entry.

    As Yao et al. (2022), arXiv:2206.01861, do with activations, token by token.
    """
    scale = np.abs(vectors).max(axis=-1, keepdims=True) / vectors.dtype.type(127)
    if not np.isfinite(scale).all():
        raise ValueError("a cache of 8 bits got keys or values that are not finite; look for NaN "
                         "or very large numbers among the model's weights")  # fmt: skip
    steps = vectors / np.where(scale > 0, scale, 1)
    return np.rint(steps).clip(-127, 127).astype(np.int8), scale


class KVCache:
    """Keys and values of every layer of a GPT, so that a token costs O(T) and not O(T^2).

    Parameters
    ----------
    model : GPT
        Gives the number of layers and of positions.
    bits : {None, 8}, default None
        8 stores integers, a quarter of the bytes and a scale for each vector, see
        :class:`LayerCache`; None stores float32.

    Attributes
    ----------
    layers : list of LayerCache
        One for each block.

    Notes
    -----
    Pope et al. (2022), arXiv:2211.05102, describe the cache and its cost. Without it, token T
    passes T positions through every layer and scores T^2 pairs; with it, one position and T pairs.
    The memory is ``2 * layers * batch * context_length * embed_dim`` numbers; for long texts in
    large batches it is more than the model's.

    Examples
    --------
    >>> from tinytorch.models import GPT
    >>> model = GPT(vocab_size=10, embed_dim=8, num_heads=2, num_layers=1, context_length=16)
    >>> prompt = np.array([[1, 2, 3]])
    >>> cached = model.generate(prompt, 5, temperature=0.0, cache=KVCache(model))
    >>> np.array_equal(cached, model.generate(prompt, 5, temperature=0.0))
    True
    """

    def __init__(self, model: GPT, bits: int | None = None) -> None:
        self.layers = [LayerCache(model.context_length, bits) for _ in model.blocks]

    @property
    def length(self) -> int:
        """How many positions are stored."""
        return self.layers[0].length

    @property
    def nbytes(self) -> int:
        """The bytes that all layers hold."""
        return sum(layer.nbytes for layer in self.layers)

    def truncate(self, length: int) -> None:
        """Forget all but the first positions, as when guessed tokens turn out wrong.

        Parameters
        ----------
        length : int
            How many positions stay. A cache that holds fewer keeps what it holds.

        Raises
        ------
        ValueError
            If `length` is negative.

        Examples
        --------
        >>> from tinytorch import no_grad
        >>> from tinytorch.models import GPT
        >>> model = GPT(vocab_size=10, embed_dim=8, num_heads=2, num_layers=1, context_length=16)
        >>> cache = KVCache(model)
        >>> with no_grad():
        ...     logits = model(np.array([[1, 2, 3]]), cache=cache)
        >>> cache.truncate(2)
        >>> cache.length
        2
        """
        if length < 0:
            raise ValueError(f"a cache is cut to a length of 0 or more, got {length}")
        for layer in self.layers:
            layer.length = min(layer.length, length)

    def clear(self) -> None:
        """Forget everything; the memory is used again."""
        self.truncate(0)
