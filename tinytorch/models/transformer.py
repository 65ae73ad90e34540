"""The transformer, module 13: a causal language model with tied input and output embeddings.

Leans on :mod:`tinytorch.core` and :mod:`tinytorch.text`; the labs prune it, and
:mod:`tinytorch.generation` makes it fast at writing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core import random
from tinytorch.core.activations import GELU
from tinytorch.core.attention import MultiHeadAttention
from tinytorch.core.autograd import no_grad
from tinytorch.core.layers import Dropout, LayerNorm, Linear, Module, Sequential, check_positive
from tinytorch.core.tensor import Tensor
from tinytorch.text.embedding import Embedding, LearnedPositionalEncoding, token_indices

if TYPE_CHECKING:
    from tinytorch.generation.kv_cache import KVCache, LayerCache


class TransformerBlock(Module):
    """Causal attention, then a small network at each position, each added to what came in.

    Parameters
    ----------
    embed_dim : int
        Width.
    num_heads : int
        Number of attention heads.
    mlp_ratio : int, default 4
        Width of the hidden layer, as a multiple of `embed_dim`.
    dropout : float, default 0.0
        Probability, for attention weights and for both residual branches.

    Notes
    -----
    Normalised before each branch (Radford et al., 2019; Xiong et al. (2020), arXiv:2002.04745), so
    that the identity runs from input to output.

    Examples
    --------
    >>> block = TransformerBlock(64, 8)
    >>> block(Tensor(np.zeros((4, 32, 64), np.float32))).shape
    (4, 32, 64)
    """

    def __init__(
        self, embed_dim: int, num_heads: int, mlp_ratio: int = 4, dropout: float = 0.0
    ) -> None:
        check_positive("TransformerBlock", mlp_ratio=mlp_ratio)
        self.norm1 = LayerNorm(embed_dim)
        self.attention = MultiHeadAttention(embed_dim, num_heads, dropout)
        self.norm2 = LayerNorm(embed_dim)
        self.mlp = Sequential(
            Linear(embed_dim, mlp_ratio * embed_dim),
            GELU(),
            Linear(mlp_ratio * embed_dim, embed_dim),
        )
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, cache: LayerCache | None = None) -> Tensor:
        """Map (..., length, embed_dim) to the same shape; `cache` holds the positions before."""
        x = x + self.dropout(self.attention(self.norm1(x), is_causal=True, cache=cache))
        return x + self.dropout(self.mlp(self.norm2(x)))


class GPT(Module):
    """A language model: logits of the next token at every position of a text.

    Parameters
    ----------
    vocab_size : int
        Number of tokens.
    embed_dim : int
        Width.
    num_heads : int
        Number of attention heads in each block.
    num_layers : int
        Number of blocks.
    context_length : int
        Longest text.
    dropout : float, default 0.0
        Probability, in the blocks and on their input.

    Attributes
    ----------
    token_embedding : Embedding
        Its weight, of shape (vocab_size, embed_dim), also reads the output: the logit of a token is
        the product of the final vector and the token's row. One parameter, two uses; its gradient
        is the sum of both.
    blocks : list of TransformerBlock

    Raises
    ------
    ValueError
        If a size is not positive, `num_heads` does not divide `embed_dim`, a text is longer than
        `context_length`, or a token is out of range.
    TypeError
        If tokens are not integers.

    Notes
    -----
    The architecture of GPT-2 (Radford et al., 2019, "Language models are unsupervised multitask
    learners"), embeddings tied as by Press and Wolf (2017), arXiv:1608.05859. Both embeddings start
    with standard deviation 0.02, so an untrained model is nearly uniform: its loss is about
    log(vocab_size).

    Examples
    --------
    >>> model = GPT(vocab_size=65, embed_dim=64, num_heads=8, num_layers=2, context_length=32)
    >>> model(np.array([[1, 2, 3]])).shape
    (1, 3, 65)
    """

    def __init__(
        self,
        vocab_size: int,
        embed_dim: int,
        num_heads: int,
        num_layers: int,
        context_length: int,
        dropout: float = 0.0,
    ) -> None:
        check_positive("GPT", num_layers=num_layers)
        self.vocab_size = vocab_size
        self.context_length = context_length
        self.token_embedding = Embedding(vocab_size, embed_dim)
        self.positions = LearnedPositionalEncoding(context_length, embed_dim)
        self.dropout = Dropout(dropout)
        self.blocks = [
            TransformerBlock(embed_dim, num_heads, dropout=dropout) for _ in range(num_layers)
        ]
        self.norm = LayerNorm(embed_dim)
        for embedding in (self.token_embedding, self.positions):
            embedding.weight.data *= 0.02

    def forward(self, tokens: ArrayLike | Tensor, cache: KVCache | None = None) -> Tensor:
        """Compute the logits of the next token at each position.

        Parameters
        ----------
        tokens : array_like or Tensor of int, shape (..., T)
            Usually (N, T).
        cache : KVCache, optional
            What earlier calls have read; `tokens` are then the tokens that follow, and are added
            to it.

        Returns
        -------
        Tensor of shape (..., T, vocab_size)
            Causal: the logits at position t depend on the tokens up to t alone.
        """
        past = cache.length if cache is not None else 0
        indices = token_indices(tokens, self.vocab_size, f"GPT with {self.vocab_size} tokens")
        if indices.ndim < 1 or past + indices.shape[-1] > self.context_length:
            raise ValueError(
                f"GPT got tokens of shape {indices.shape} after {past} cached ones; expected "
                f"(..., T) with at most {self.context_length} tokens in all, its context_length"
            )
        x = self.dropout(self.positions(self.token_embedding(indices), start=past))
        for i, block in enumerate(self.blocks):
            x = block(x, cache=cache.layers[i] if cache is not None else None)
        return self.norm(x) @ self.token_embedding.weight.T

    def generate(
        self,
        tokens: ArrayLike | Tensor,
        max_new_tokens: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: np.random.Generator | None = None,
        cache: KVCache | None = None,
    ) -> np.ndarray:
        """Continue a text, one token after the other, without building a graph.

        Call ``eval()`` first if the model has dropout.

        Parameters
        ----------
        tokens : array_like or Tensor of int, shape (N, T)
            The beginnings; at least one token each.
        max_new_tokens : int
            How many tokens to append.
        temperature : float, default 1.0
            Divides the logits: below 1 the likely tokens become likelier; 0.0 takes the likeliest.
        top_k : int, optional
            Draw from the k likeliest tokens only.
        generator : numpy.random.Generator, optional
            Source of the draws; the stack's own by default.
        cache : KVCache, optional
            Cleared, then used: the tokens are the same and cost less.

        Returns
        -------
        ndarray of int, shape (N, T + max_new_tokens)

        Raises
        ------
        ValueError
            If there is no token to continue, a setting is out of its range, or the logits are not
            finite.

        Notes
        -----
        A text longer than `context_length` is continued from its last `context_length` tokens. As
        this window slides, every token's position changes and with it every key and value, so from
        there on the cache is filled anew for each token and saves nothing.
        """
        text = token_indices(tokens, self.vocab_size, f"GPT with {self.vocab_size} tokens")
        if text.ndim != 2 or text.shape[1] == 0:
            raise ValueError(f"generate() continues tokens of shape (N, T), T at least 1; "
                             f"got shape {text.shape}")  # fmt: skip
        if max_new_tokens < 0:
            raise ValueError(f"max_new_tokens must not be negative, got {max_new_tokens!r}")
        generator = generator or random.generator()
        if cache is not None:
            cache.clear()
        with no_grad():
            for _ in range(max_new_tokens):
                unread = text[:, -self.context_length :]
                if cache is not None:
                    if text.shape[1] > self.context_length:
                        cache.clear()
                    unread = unread[:, cache.length :]
                logits = self(unread, cache=cache).data[:, -1]
                drawn = sample(logits, temperature, top_k, generator)
                text = np.concatenate([text, drawn[:, None]], axis=1)
        return text


def sample(
    logits: np.ndarray, temperature: float, top_k: int | None, generator: np.random.Generator
) -> np.ndarray:
    """Draw one token for each row of logits.

    Parameters
    ----------
    logits : ndarray of shape (N, vocab_size)
    temperature : float
        Divides the logits; 0.0 takes the largest.
    top_k : int or None
        Draw from the k largest only, and those that equal the last of them.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (N,)

    Raises
    ------
    ValueError
        If `temperature` is negative or not finite, `top_k` is not positive, or a row of logits has
        no largest one that is finite: the model's weights hold NaN or have grown too large.

    Examples
    --------
    >>> sample(np.array([[0.0, 2.0, 1.0]]), 0.0, None, np.random.default_rng(0))
    array([1])
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"temperature must be finite and not negative, got {temperature!r}")
    if top_k is not None:
        check_positive("sample", top_k=top_k)
    largest = logits.max(axis=-1, keepdims=True)
    if not np.isfinite(largest).all():
        row = int(np.flatnonzero(~np.isfinite(largest))[0])
        raise ValueError(
            f"the logits of text {row} have the largest value {largest[row, 0]}, so no token can "
            "be drawn; look for NaN or very large numbers among the model's weights"
        )
    if temperature == 0:
        return logits.argmax(axis=-1)
    with np.errstate(over="ignore"):  # at a very low temperature all but the largest are -inf
        scaled = (logits.astype(np.float64) - largest) / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        smallest = np.partition(scaled, -top_k, axis=-1)[:, [-top_k]]
        scaled = np.where(scaled >= smallest, scaled, -np.inf)
    likelihood = np.exp(scaled).cumsum(axis=-1)
    draw = generator.random((len(logits), 1)) * likelihood[:, -1:]
    return (likelihood <= draw).sum(axis=-1)
