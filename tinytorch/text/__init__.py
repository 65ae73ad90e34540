"""Text, modules 10 and 11: from characters to integer tokens, and from tokens to vectors.

Leans on :mod:`tinytorch.core`; the transformer of module 13 leans on it.
"""

from tinytorch.text.embedding import (
    Embedding,
    LearnedPositionalEncoding,
    SinusoidalPositionalEncoding,
)
from tinytorch.text.tokenizers import BPETokenizer, CharTokenizer

__all__ = [
    "BPETokenizer",
    "CharTokenizer",
    "Embedding",
    "LearnedPositionalEncoding",
    "SinusoidalPositionalEncoding",
]
