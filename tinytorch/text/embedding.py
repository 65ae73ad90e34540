"""Embeddings, module 11: a learned vector for each token, and where in the text it stands.

Leans on :mod:`tinytorch.core.layers`; the transformer of module 13 leans on it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core import random
from tinytorch.core.layers import Module, check_input, check_positive
from tinytorch.core.tensor import Parameter, Tensor, record


def token_indices(tokens: ArrayLike | Tensor, count: int, what: str) -> np.ndarray:
    """Return tokens as an integer array, after checking that they lie in 0..count - 1.

    Parameters
    ----------
    tokens : array_like or Tensor of int
        Any shape.
    count : int
        How many tokens there are.
    what : str
        Who asks, for the message.

    Raises
    ------
    TypeError
        If the tokens are not integers.
    ValueError
        If one is out of range.
    """
    indices = np.asarray(tokens.data if isinstance(tokens, Tensor) else tokens)
    if indices.dtype.kind not in "iu" and indices.size:
        raise TypeError(f"{what} expects integer tokens, got dtype {indices.dtype}")
    if indices.size and not 0 <= indices.min() <= indices.max() < count:
        raise ValueError(
            f"{what} expects tokens in 0..{count - 1}, got {indices.min()}..{indices.max()}"
        )
    return indices.astype(np.intp, copy=False)


class Embedding(Module):
    """A table with one learned row for each token.

    Parameters
    ----------
    num_embeddings : int
        Number of tokens, rows of the table.
    embedding_dim : int
        Length of a row.

    Attributes
    ----------
    weight : Parameter of shape (num_embeddings, embedding_dim)
        Drawn from a standard normal distribution.

    Raises
    ------
    ValueError
        If a size is not positive or a token is out of range.
    TypeError
        If tokens are not integers.

    Examples
    --------
    >>> Embedding(10, 3)(np.array([[1, 2], [4, 1]])).shape
    (2, 2, 3)
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        check_positive("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        rows = random.generator().standard_normal((num_embeddings, embedding_dim), np.float32)
        self.weight = Parameter(rows)

    def forward(self, tokens: ArrayLike | Tensor) -> Tensor:
        """Map integers of shape (...) to vectors of shape (..., embedding_dim).

        The plain form is ``weight[tokens]``; its gradient adds up, for each row, what all uses of
        the row receive, here by sorting the uses so that those of a row are neighbours.
        """
        indices = token_indices(tokens, self.num_embeddings, str(self))
        weight = self.weight

        def to_weight(g: np.ndarray) -> np.ndarray:
            grad = np.zeros_like(weight.data)
            order = indices.ravel().argsort(kind="stable")
            rows, starts = np.unique(indices.ravel()[order], return_index=True)
            if rows.size:
                grad[rows] = np.add.reduceat(g.reshape(-1, g.shape[-1])[order], starts)
            return grad

        return record(weight.data[indices], (weight, to_weight))

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return f"{self.num_embeddings}, {self.embedding_dim}"


class _PositionalEncoding(Module):
    """Adds row t of a table to the vector at position t."""

    def __init__(self, context_length: int, embed_dim: int) -> None:
        check_positive(type(self).__name__, context_length=context_length, embed_dim=embed_dim)
        self.context_length = context_length
        self.embed_dim = embed_dim

    def _rows(self, x: Tensor, start: int) -> slice:
        """Return the positions of `x`, after checking that the table has them."""
        check_input(self, x)
        if x.ndim < 2 or x.shape[-1] != self.embed_dim:
            raise ValueError(f"{self} got input of shape {x.shape}; it must be "
                             f"(..., length, {self.embed_dim})")  # fmt: skip
        end = start + x.shape[-2]
        if not 0 <= start <= end <= self.context_length:
            raise ValueError(
                f"{self} got positions {start}..{end - 1}; it has 0..{self.context_length - 1}"
            )
        return slice(start, end)

    def extra_repr(self) -> str:
        """Return the constructor's arguments."""
        return f"{self.context_length}, {self.embed_dim}"


class SinusoidalPositionalEncoding(_PositionalEncoding):
    r"""Add fixed waves, from fast to slow, that tell positions apart.

    Parameters
    ----------
    context_length : int
        Number of positions.
    embed_dim : int
        Width of the vectors.

    Attributes
    ----------
    table : ndarray of shape (context_length, embed_dim)
        Sines in the even columns, cosines in the odd ones; column pair i has the wavelength
        ``2 pi 10000**(2 i / embed_dim)``. A buffer: saved with the model, not trained.

    Raises
    ------
    ValueError
        If a size is not positive, or an input is not (..., length, embed_dim) with a length of at
        most `context_length`.

    Notes
    -----
    Vaswani et al. (2017), arXiv:1706.03762, section 3.5.

    Examples
    --------
    >>> SinusoidalPositionalEncoding(8, 4).table[:2].round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]], dtype=float32)
    """

    def __init__(self, context_length: int, embed_dim: int) -> None:
        super().__init__(context_length, embed_dim)
        column = np.arange(embed_dim)
        frequency = 10000.0 ** (-(column - column % 2) / embed_dim)
        angle = np.arange(context_length)[:, None] * frequency
        waves = np.where(column % 2 == 0, np.sin(angle), np.cos(angle))
        self.table = waves.astype(np.float32)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """Add positions `start`, `start` + 1, ... to `x` of shape (..., length, embed_dim)."""
        return x + Tensor(self.table[self._rows(x, start)])


class LearnedPositionalEncoding(_PositionalEncoding):
    """Add a learned vector for each position.

    Parameters
    ----------
    context_length : int
        Number of positions.
    embed_dim : int
        Width of the vectors.

    Attributes
    ----------
    weight : Parameter of shape (context_length, embed_dim)
        Drawn from a standard normal distribution.

    Raises
    ------
    ValueError
        If a size is not positive, or an input is not (..., length, embed_dim) with a length of at
        most `context_length`.

    Notes
    -----
    Gehring et al. (2017), arXiv:1705.03122.

    Examples
    --------
    >>> LearnedPositionalEncoding(8, 4)(Tensor(np.zeros((2, 5, 4), np.float32))).shape
    (2, 5, 4)
    """

    def __init__(self, context_length: int, embed_dim: int) -> None:
        super().__init__(context_length, embed_dim)
        rows = random.generator().standard_normal((context_length, embed_dim), np.float32)
        self.weight = Parameter(rows)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """Add positions `start`, `start` + 1, ... to `x` of shape (..., length, embed_dim)."""
        return x + self.weight[self._rows(x, start)]
