"""Attention, module 12: every position takes a weighted mean of what the others offer.

:func:`scaled_dot_product_attention` is the mathematics, :class:`MultiHeadAttention` the layer
around it, built from four :class:`~tinytorch.core.layers.Linear` so that pruning and quantization
find the weights they know. The transformer of module 13 leans on this file.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core.layers import Dropout, Linear, Module, check_input, check_positive
from tinytorch.core.tensor import Tensor, broadcast_together, record, relative_exp, sum_along

if TYPE_CHECKING:
    from tinytorch.generation.kv_cache import LayerCache


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: ArrayLike | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
) -> Tensor:
    """Average the values, weighted by how well each key answers each query.

    Parameters
    ----------
    query : Tensor of shape (..., L, D)
    key : Tensor of shape (..., S, D)
    value : Tensor of shape (..., S, E)
        Leading dimensions broadcast.
    attn_mask : array_like of bool, optional
        Broadcasts with (..., L, S). True where the query may attend to the key.
    dropout_p : float, default 0.0
        Probability with which a weight is dropped; give 0.0 in evaluation.
    is_causal : bool, default False
        Query i may attend to keys 0..i only, beside what `attn_mask` allows.

    Returns
    -------
    Tensor of shape (..., L, E)
        Zeros for a query that may attend to no key.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    TypeError
        If an input is not a floating-point tensor or the mask is not boolean.

    Notes
    -----
    ``softmax(query @ key.T / sqrt(D)) @ value``, Vaswani et al. (2017), arXiv:1706.03762. The
    argument names and the sense of the mask are those of PyTorch's function of this name.

    Examples
    --------
    >>> query, key = Tensor([[100.0, 0.0]]), Tensor([[100.0, 0.0], [0.0, 100.0]])
    >>> value = Tensor([[1.0], [2.0]])
    >>> scaled_dot_product_attention(query, key, value).data
    array([[1.]], dtype=float32)
    >>> scaled_dot_product_attention(query, key, value, attn_mask=[[False, True]]).data
    array([[2.]], dtype=float32)
    """
    _check_shapes(query, key, value)
    allowed = np.tri(query.shape[-2], key.shape[-2], dtype=bool) if is_causal else None
    if attn_mask is not None:
        mask = _check_mask(attn_mask, query, key)
        allowed = mask if allowed is None else mask & allowed
    scores = query @ key.transpose(-2, -1)
    weights = _softmax_of_allowed(scores, 1 / sqrt(query.shape[-1]), allowed)
    if dropout_p:
        weights = Dropout(dropout_p)(weights)
    return weights @ value


def _softmax_of_allowed(scores: Tensor, scale: float, allowed: np.ndarray | None) -> Tensor:
    """Return the softmax of ``scale * scores`` over the allowed keys, 0.0 for the others.

    The plain form is ``where(allowed, scores * scale, -inf).softmax()``; as one operation it makes
    no temporary for the gradient, and a row with nothing allowed is zeros instead of 0/0.
    """
    weights, total = relative_exp(scores.data * scale, -1, allowed)
    weights /= np.where(total == 0, 1, total)

    def to_scores(g: np.ndarray) -> np.ndarray:
        grad = g - sum_along(g, -1, weights)
        grad *= weights
        grad *= scale
        return grad

    return record(weights, (scores, to_scores))


def _check_shapes(query: Tensor, key: Tensor, value: Tensor) -> None:
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if not isinstance(tensor, Tensor) or tensor.dtype.kind != "f":
            kind = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
            raise TypeError(f"attention expects floating-point tensors, got {name} of {kind}")
    fits = min(query.ndim, key.ndim, value.ndim) >= 2 and (
        query.shape[-1] == key.shape[-1] and key.shape[-2] == value.shape[-2]
    )
    if not fits or not broadcast_together(*(x.shape[:-2] for x in (query, key, value))):
        raise ValueError(
            f"attention got query {query.shape}, key {key.shape} and value {value.shape}; expected "
            "(..., L, D), (..., S, D) and (..., S, E) with leading dimensions that broadcast"
        )


def _check_mask(attn_mask: ArrayLike, query: Tensor, key: Tensor) -> np.ndarray:
    """Return the mask as an array of the shape of the scores."""
    mask = np.asarray(attn_mask.data if isinstance(attn_mask, Tensor) else attn_mask)
    if mask.dtype != bool:
        raise TypeError(
            f"attn_mask must be boolean, True where a query may attend; got dtype {mask.dtype}"
        )
    leading = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
    scores = (*leading, query.shape[-2], key.shape[-2])
    try:
        return np.broadcast_to(mask, scores)
    except ValueError:
        raise ValueError(
            f"attn_mask of shape {mask.shape} does not broadcast to the scores' shape {scores}"
        ) from None


class MultiHeadAttention(Module):
    """Attention in several subspaces at once, each with its own queries, keys and values.

    Parameters
    ----------
    embed_dim : int
        Width of input and output.
    num_heads : int
        Number of subspaces; it must divide `embed_dim`.
    dropout : float, default 0.0
        Probability with which an attention weight is dropped in training.
    bias : bool, default True
        Whether the four projections have a bias.

    Attributes
    ----------
    q_proj, k_proj, v_proj : Linear
        Head h reads the columns ``h * head_dim : (h + 1) * head_dim`` of each weight and bias.
    out_proj : Linear
        Head h enters by the rows ``h * head_dim : (h + 1) * head_dim`` of the weight.
    head_dim : int
        ``embed_dim // num_heads``.

    Raises
    ------
    ValueError
        If `num_heads` does not divide `embed_dim`, or an input is not (..., L, embed_dim).

    Notes
    -----
    Vaswani et al. (2017), arXiv:1706.03762. The heads are one more leading dimension of the
    matrix products; nothing loops over them. Unlike ``torch.nn.MultiheadAttention`` the layer is
    batch first, returns the output alone, and reads a mask as
    :func:`scaled_dot_product_attention` does: True where a query may attend.

    Examples
    --------
    >>> attention = MultiHeadAttention(64, 8)
    >>> attention(Tensor(np.zeros((4, 32, 64), np.float32))).shape
    (4, 32, 64)
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True
    ) -> None:
        check_positive("MultiHeadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiHeadAttention: embed_dim={embed_dim} is not divisible by "
                f"num_heads={num_heads}; every head takes an equal part of the width"
            )
        if not 0 <= dropout <= 1:
            raise ValueError(
                f"MultiHeadAttention: dropout must be a probability in [0, 1], got {dropout!r}"
            )
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.q_proj = Linear(embed_dim, embed_dim, bias)
        self.k_proj = Linear(embed_dim, embed_dim, bias)
        self.v_proj = Linear(embed_dim, embed_dim, bias)
        self.out_proj = Linear(embed_dim, embed_dim, bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        attn_mask: ArrayLike | None = None,
        is_causal: bool = False,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """Attend from `query` to `key` and `value`.

        Parameters
        ----------
        query : Tensor of shape (..., L, embed_dim)
        key, value : Tensor of shape (..., S, embed_dim), optional
            The query itself by default (self-attention); `value` is `key` by default.
        attn_mask : array_like of bool, optional
            Broadcasts with (..., num_heads, L, S). True where a query may attend.
        is_causal : bool, default False
            Whether a position attends only to itself and those before it.
        cache : LayerCache, optional
            Keys and values of the positions before `query`; those of `query` are added to it.

        Returns
        -------
        Tensor of shape (..., L, embed_dim)
        """
        key = query if key is None else key
        value = key if value is None else value
        for x in (query, key, value):
            check_input(self, x)
            if x.ndim < 2 or x.shape[-1] != self.embed_dim:
                raise ValueError(
                    f"MultiHeadAttention({self.embed_dim}, {self.num_heads}) got input of shape "
                    f"{x.shape}; it must be (..., length, {self.embed_dim})"
                )
        q = self._split(self.q_proj(query))
        k = self._split(self.k_proj(key))
        v = self._split(self.v_proj(value))
        if cache is not None:
            k, v = cache.extend(k, v)
        length, source = q.shape[-2], k.shape[-2]
        if is_causal and length > 1:
            # The last query meets the last key, also when earlier keys were cached. One query
            # alone, as generation asks with a cache, meets all keys: it needs no mask.
            causal = np.tri(length, source, source - length, dtype=bool)
            attn_mask = causal if attn_mask is None else causal & _check_mask(attn_mask, q, k)
        dropout_p = self.dropout if self.training else 0.0
        heads = scaled_dot_product_attention(q, k, v, attn_mask, dropout_p)
        return self.out_proj(self._merge(heads))

    def _split(self, x: Tensor) -> Tensor:
        """Turn (..., L, embed_dim) into (..., num_heads, L, head_dim)."""
        return x.reshape(*x.shape[:-1], self.num_heads, self.head_dim).transpose(-2, -3)

    def _merge(self, heads: Tensor) -> Tensor:
        """Turn (..., num_heads, L, head_dim) back into (..., L, embed_dim)."""
        x = heads.transpose(-2, -3)
        return x.reshape(*x.shape[:-2], self.embed_dim)
