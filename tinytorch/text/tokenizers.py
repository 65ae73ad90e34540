"""Tokenizers, module 10: text as a list of integers, one per character or one per frequent piece.

Both are trained on a text and never change afterwards; what they give feeds
:class:`~tinytorch.text.embedding.Embedding`. They lean on NumPy alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import ArrayLike


def _token_list(tokens: ArrayLike, vocab_size: int) -> list[int]:
    """Return tokens as integers, after checking that the tokenizer has them."""
    array = np.asarray(tokens)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            f"decode expects one row of integers, got shape {array.shape}, dtype {array.dtype}"
        )
    if array.size and not 0 <= array.min() <= array.max() < vocab_size:
        raise ValueError(
            f"decode expects tokens in 0..{vocab_size - 1}, got {array.min()}..{array.max()}"
        )
    return array.tolist()


class CharTokenizer:
    """One token for each character.

    Parameters
    ----------
    characters : str
        The vocabulary; the place of a character is its token.
    unknown : str, optional
        The character of the vocabulary that stands for all that are not in it. Without it,
        encoding such a character is an error.

    Attributes
    ----------
    characters : str
    vocab_size : int

    Raises
    ------
    ValueError
        If a character is given twice, or `unknown` is not one of `characters`.

    Examples
    --------
    >>> tokenizer = CharTokenizer.train("hello")
    >>> tokenizer.encode("hole")
    array([1, 3, 2, 0])
    >>> tokenizer.decode([1, 3, 2, 0])
    'hole'
    """

    def __init__(self, characters: str, unknown: str | None = None) -> None:
        self.characters = characters
        self.vocab_size = len(characters)
        self._token = {character: token for token, character in enumerate(characters)}
        if len(self._token) != len(characters):
            twice = sorted(c for c, count in Counter(characters).items() if count > 1)
            raise ValueError(f"CharTokenizer got characters more than once: {twice}")
        if unknown is not None and unknown not in self._token:
            raise ValueError(f"unknown={unknown!r} must be one of the characters; add it to them")
        self.unknown = unknown

    @classmethod
    def train(cls, text: str, unknown: str | None = None) -> CharTokenizer:
        """Make a tokenizer for the characters of a text, and for `unknown`, in sorted order."""
        return cls("".join(sorted(set(text) | set(unknown or ""))), unknown)

    def encode(self, text: str) -> np.ndarray:
        """Return the tokens of a text, shape (len(text),).

        Raises
        ------
        ValueError
            If a character is not in the vocabulary and there is no `unknown`.
        """
        if self.unknown is not None:
            other = self._token[self.unknown]
            return np.array([self._token.get(c, other) for c in text], dtype=np.int64)
        if missing := sorted(set(text) - self._token.keys()):
            raise ValueError(
                f"characters {missing} are not in the vocabulary of {self.vocab_size}; train on a "
                "text that has them, or give `unknown`"
            )
        return np.array([self._token[c] for c in text], dtype=np.int64)

    def decode(self, tokens: ArrayLike) -> str:
        """Return the text of a row of tokens.

        Raises
        ------
        ValueError
            If `tokens` is not one row of integers in 0..vocab_size - 1.
        """
        return "".join(self.characters[token] for token in _token_list(tokens, self.vocab_size))


class BPETokenizer:
    """Byte-pair encoding: one token for each byte, and for pieces that were frequent in training.

    Parameters
    ----------
    merges : sequence of (int, int)
        Merge i joins two tokens into token 256 + i; tokens 0..255 are the bytes of UTF-8. A list
        of pairs can be kept as JSON and makes the same tokenizer again.

    Attributes
    ----------
    merges : list of (int, int)
    vocab_size : int
        ``256 + len(merges)``.
    pieces : list of bytes
        What each token stands for.

    Raises
    ------
    ValueError
        If a merge names a token that does not exist before it.

    Notes
    -----
    Sennrich, Haddow and Birch (2016), arXiv:1508.07909; on bytes as in GPT-2 (Radford et al.,
    2019), so every text can be encoded. No piece crosses from one word to the next, or to
    punctuation; a word takes the space before it with it.

    Examples
    --------
    >>> tokenizer = BPETokenizer.train("low lower lowest", vocab_size=258)
    >>> tokenizer.pieces[256:]
    [b'lo', b'low']
    >>> tokenizer.decode(tokenizer.encode("slowly, naïvely"))
    'slowly, naïvely'
    """

    def __init__(self, merges: Sequence[tuple[int, int]] = ()) -> None:
        self.merges = [(int(left), int(right)) for left, right in merges]
        self.vocab_size = 256 + len(self.merges)
        self.pieces = [bytes([byte]) for byte in range(256)]
        for left, right in self.merges:
            if not (0 <= left < len(self.pieces) and 0 <= right < len(self.pieces)):
                raise ValueError(
                    f"merge {(left, right)} would make token {len(self.pieces)} of tokens that "
                    "do not exist before it"
                )
            self.pieces.append(self.pieces[left] + self.pieces[right])
        self._rank = {pair: rank for rank, pair in reversed(list(enumerate(self.merges)))}
        self._known_words: dict[str, list[int]] = {}

    @classmethod
    def train(cls, text: str, vocab_size: int) -> BPETokenizer:
        """Make a tokenizer by joining, again and again, the most frequent pair of neighbours.

        Parameters
        ----------
        text : str
        vocab_size : int
            256 bytes and as many merges; fewer if no pair occurs twice any more.

        Returns
        -------
        BPETokenizer
            The same for the same text: of equally frequent pairs the smallest is joined.

        Raises
        ------
        ValueError
            If `vocab_size` is below 256.
        """
        if vocab_size < 256:
            raise ValueError(f"vocab_size must be at least 256, one for each byte; got "
                             f"{vocab_size}")  # fmt: skip
        counted = Counter(_words(text))
        words = [list(word.encode()) for word in counted]
        uses = list(counted.values())
        counts: Counter[tuple[int, int]] = Counter()
        where: defaultdict[tuple[int, int], set[int]] = defaultdict(set)

        def count(i: int, sign: int) -> set[tuple[int, int]]:
            pairs = list(zip(words[i], words[i][1:], strict=False))
            for pair in pairs:
                counts[pair] += sign * uses[i]
                where[pair].add(i)
            return set(pairs)

        for i in range(len(words)):
            count(i, +1)
        queue = [(-frequency, pair) for pair, frequency in counts.items()]
        heapify(queue)
        merges: list[tuple[int, int]] = []
        while len(merges) < vocab_size - 256 and queue and queue[0][0] <= -2:
            frequency, best = heappop(queue)
            if -frequency != counts[best]:
                continue  # outdated: the pair was queued again when its count changed
            changed: set[tuple[int, int]] = set()
            for i in where.pop(best):  # only words with the pair change
                changed |= count(i, -1)
                words[i] = _merge(words[i], best, 256 + len(merges))
                changed |= count(i, +1)
            for pair in changed:
                heappush(queue, (-counts[pair], pair))
            merges.append(best)
        return cls(merges)

    def encode(self, text: str) -> np.ndarray:
        """Return the tokens of a text, at most one for each byte of its UTF-8 form."""
        tokens: list[int] = []
        for word in _words(text):
            if word not in self._known_words:
                self._known_words[word] = self._encode_word(word)
            tokens += self._known_words[word]
        return np.array(tokens, dtype=np.int64)

    def _encode_word(self, word: str) -> list[int]:
        """Apply to one word the merges in the order in which they were learned."""
        tokens = list(word.encode())
        while len(tokens) > 1:
            pairs = zip(tokens, tokens[1:], strict=False)
            rank = min(self._rank.get(pair, len(self.merges)) for pair in pairs)
            if rank == len(self.merges):
                break
            tokens = _merge(tokens, self.merges[rank], 256 + rank)
        return tokens

    def decode(self, tokens: ArrayLike) -> str:
        """Return the text of a row of tokens.

        A row that was cut within a character decodes to U+FFFD there.

        Raises
        ------
        ValueError
            If `tokens` is not one row of integers in 0..vocab_size - 1.
        """
        pieces = (self.pieces[token] for token in _token_list(tokens, self.vocab_size))
        return b"".join(pieces).decode(errors="replace")


def _words(text: str) -> list[str]:
    """Split a text into words and punctuation, each with the space before it, and other space.

    Runs longer than 32 characters, as in scripts without spaces, are cut: so cost stays linear.
    """
    return re.findall(r" ?\w{1,32}| ?[^\w\s]{1,32}|\s{1,32}", text)


def _merge(tokens: list[int], pair: tuple[int, int], merged: int) -> list[int]:
    """Replace each occurrence of a pair, from the left, by the token it becomes."""
    out: list[int] = []
    for token in tokens:
        if out and (out[-1], token) == pair:
            out[-1] = merged
        else:
            out.append(token)
    return out
