"""A made-up language about which everything is known: what may come next, and how likely it is.

The whole grammar is :func:`stories` and the functions below it, down to :func:`write`. The language
models of part two learn it, and their labs ask what a compressed one has forgotten. Leans on NumPy
and on tinytorch's checks of tokens.

A text tells stories. People have a byname, drawn when they are first named and kept to the story's
end; they take things and give them away; they travel. Sixty towns lie on twenty rivers: which on
which is true in every story, so it cannot be read in one, only known. The first town is told of a
thousand times as often as the last. ::

    text      story story ...
    story     once PERSON act . sentence sentence ...
                                                at most three people, with one thing each
    sentence  now PERSON act .
              at TOWN flows the RIVER .         fact: the town decides
              who has the THING ? PERSON .      recall: whoever took or got it last
              sing SONG again SONG .            copy: four syllables, and the same four
    act       takes the THING                   one that nobody has
              gives the THING to PERSON         recall: what the giver has; to empty hands
              goes to TOWN on the RIVER         fact
              and PERSON PLURAL                 agreement: two people dance, sleep, ...
              SINGULAR                          one person dances, sleeps, ...
    PERSON    NAME BYNAME                       copy: the byname given before; or a new one
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinytorch.core.layers import check_positive
from tinytorch.text.embedding import token_indices

_GROUPS = {
    "structure": "once now at who sing . ? the has flows again takes gives to goes on and",
    "singulars": "dances sleeps works swims",
    "plurals": "dance sleep work swim",
    "names": "ada bo cleo dan eva finn gus hana ivo juna kai lea",
    "bynames": "baker carver dyer hunter miller potter smith weaver",
    "things": "apple bell coin drum flute hat key lamp mirror ring rope shell",
    "syllables": "ba de fi go hu ka le mi no pu ra se ti vo wu ze",
    "towns": " ".join(
        first + last
        for last in ("ham", "ford", "by", "wick", "ton", "stow")
        for first in ("alm", "bran", "cor", "del", "esk", "farn", "gil", "hex", "lund", "mar")
    ),
    "rivers": "aune boro cree dove erme fal gade isk kelo lune "
    "mole nadder oka piddle rhee sava tamar ure wye yeo",
}
WORDS: tuple[str, ...] = tuple(" ".join(_GROUPS.values()).split())
"""The vocabulary; the place of a word is its token."""

TOKENS: dict[str, int] = {word: token for token, word in enumerate(WORDS)}


def _tokens(words: str) -> tuple[int, ...]:
    return tuple(TOKENS[word] for word in words.split())


NAMES, BYNAMES, THINGS, SYLLABLES, TOWNS, RIVERS = (
    _tokens(_GROUPS[group])
    for group in ("names", "bynames", "things", "syllables", "towns", "rivers")
)
SINGULARS, PLURALS = _tokens(_GROUPS["singulars"]), _tokens(_GROUPS["plurals"])
(
    ONCE, NOW, AT, WHO, SING, STOP, ASK, THE, HAS, FLOWS, AGAIN, TAKES, GIVES, TO, GOES, ON, AND
) = _tokens(_GROUPS["structure"])  # fmt: skip

# Town r of 1..60 lies on the river of number 1/r modulo 61, modulo 20: three towns on each river,
# in an order that nobody could guess.
RIVER_OF: dict[int, int] = {
    town: RIVERS[pow(rank, -1, 61) % 20] for rank, town in enumerate(TOWNS, start=1)
}
TOWN_FREQUENCY: np.ndarray = np.arange(1.0, 61) ** -1.7 / (np.arange(1.0, 61) ** -1.7).sum()
"""How often each town is named: Zipf's law, 60**1.7 = 1054 from the first to the last."""

RARE = frozenset(TOWNS[30:])


class Kind(IntEnum):
    """What a word takes to be foretold."""

    GRAMMAR = 0
    """The sentence leaves one word."""
    FREE = 1
    """Drawn among several: nobody can know more than how likely each is."""
    AGREEMENT = 2
    """A verb of two people: any, in the plural."""
    FREQUENT_FACT = 3
    """The river of one of the 30 towns that are told of most."""
    RARE_FACT = 4
    """The river of one of the other 30."""
    COPY = 5
    """What was said before: the byname of a person of this story, a song again."""
    RECALL = 6
    """Who has a thing, or what somebody has."""


class Choice(NamedTuple):
    """What may come next: one of some words, all as likely, or as the running sum says."""

    kind: Kind
    words: Sequence[int]
    cumulative: Sequence[float] | None = None

    @property
    def probabilities(self) -> np.ndarray:
        """The probability of each of the words."""
        if self.cumulative is None:
            return np.full(len(self.words), 1 / len(self.words))
        return np.diff(self.cumulative, prepend=0.0)


def _weighted(weights: dict[int, float]) -> Choice:
    """Return a free choice among words whose weights sum to one."""
    return Choice(Kind.FREE, tuple(weights), tuple(accumulate(weights.values())))


_OPENERS = (
    _weighted({NOW: 0.6, AT: 0.2, SING: 0.1, ONCE: 0.1}),
    _weighted({NOW: 0.4, AT: 0.2, SING: 0.1, ONCE: 0.1, WHO: 0.2}),  # once somebody has something
)
_OTHER_ACTS = {GOES: 0.2, AND: 0.15} | dict.fromkeys(SINGULARS, 0.05)
_ACTS = {first: _weighted({first: 0.45} | _OTHER_ACTS) for first in (TAKES, GIVES)}
_ACTS_WITH_FULL_HANDS = _weighted({word: p / 0.55 for word, p in _OTHER_ACTS.items()})
_A_TOWN = _weighted(dict(zip(TOWNS, TOWN_FREQUENCY.tolist(), strict=True)))
_FORCED = [Choice(Kind.GRAMMAR, (token,)) for token in range(len(WORDS))]

Part = Generator[Choice, int, int]
"""Yields what may come next, is sent what came, and returns the word that it is about."""


def stories() -> Part:
    """Tell stories without end: the grammar.

    Nothing is decided before the word that shows it, so what is yielded at a word is the true
    distribution of that word, given all words before.
    """
    yield from _say(ONCE)
    while True:
        bynames: dict[int, int] = {}  # of the people in this story
        held: dict[int, int] = {}  # the thing that each has
        yield from _act(bynames, held)
        yield from _say(STOP)
        while (opener := (yield _OPENERS[bool(held)])) != ONCE:
            if opener == NOW:
                yield from _act(bynames, held)
            elif opener == AT:
                town = yield _A_TOWN
                yield from _say(FLOWS, THE)
                yield from _river(town)
            elif opener == SING:
                yield from _song()
            else:
                yield from _say(HAS, THE)
                thing = yield Choice(Kind.FREE, tuple(held.values()))
                yield from _say(ASK)
                holder = next(name for name, own in held.items() if own == thing)
                yield from _person(bynames, Choice(Kind.RECALL, (holder,)))
            yield from _say(STOP)


def _act(bynames: dict[int, int], held: dict[int, int]) -> Part:
    """Let somebody do something; note it in `bynames` and `held`."""
    person = yield from _person(bynames, _somebody(bynames))
    empty_hands = _somebody(bynames, but={person, *held})
    if person not in held:
        act = yield _ACTS[TAKES]
    else:
        act = yield _ACTS[GIVES] if empty_hands.words else _ACTS_WITH_FULL_HANDS
    if act == TAKES:
        yield from _say(THE)
        free = tuple(thing for thing in THINGS if thing not in held.values())
        held[person] = yield Choice(Kind.FREE, free)
    elif act == GIVES:
        yield from _say(THE)
        thing = held.pop(person)
        yield Choice(Kind.RECALL, (thing,))
        yield from _say(TO)
        receiver = yield from _person(bynames, empty_hands)
        held[receiver] = thing
    elif act == GOES:
        yield from _say(TO)
        town = yield _A_TOWN
        yield from _say(ON, THE)
        yield from _river(town)
    elif act == AND:
        yield from _person(bynames, _somebody(bynames, but={person}))
        yield Choice(Kind.AGREEMENT, PLURALS)
    return person


def _somebody(bynames: dict[int, int], but: Iterable[int] = ()) -> Choice:
    """Return the choice of a person: anybody, until there are three."""
    people = NAMES if len(bynames) < 3 else tuple(bynames)
    return Choice(Kind.FREE, tuple(name for name in people if name not in but))


def _person(bynames: dict[int, int], choice: Choice) -> Part:
    """Name a person, and give the byname: a new person's is drawn."""
    name = yield choice
    if name in bynames:
        yield Choice(Kind.COPY, (bynames[name],))
    else:
        bynames[name] = yield Choice(Kind.FREE, BYNAMES)
    return name


def _river(town: int) -> Part:
    return (yield Choice(Kind.RARE_FACT if town in RARE else Kind.FREQUENT_FACT, (RIVER_OF[town],)))


def _song() -> Part:
    """Sing four syllables, and the same again."""
    sung = []
    for _ in range(4):
        sung.append((yield Choice(Kind.FREE, SYLLABLES)))
    word = yield from _say(AGAIN)
    for syllable in sung:
        word = yield Choice(Kind.COPY, (syllable,))
    return word


def _say(*words: int) -> Part:
    for word in words:
        yield _FORCED[word]
    return words[-1]


def write(n: int, length: int = 65, seed: int | Sequence[int] = 0) -> np.ndarray:
    """Tell stories.

    Parameters
    ----------
    n : int
        How many texts. Each starts with a story and is cut off after `length` words.
    length : int, default 65
        Words in a text: what the model of context 64 can read, and one more to foretell.
    seed : int or sequence of int, default 0
        Decides the texts, as it does for ``numpy.random.default_rng``. Row i is the same for every
        `n` above i.

    Returns
    -------
    ndarray of int, shape (n, length)
        Tokens, for :func:`read`, :func:`decode` or a model.

    Raises
    ------
    ValueError
        If `n` or `length` is not a positive integer.

    Examples
    --------
    >>> decode(write(1, 12, seed=3)[0])
    'once cleo smith goes to almham on the boro . now gus'
    """
    check_positive("write", n=n, length=length)
    draws = np.random.default_rng(seed).random((n, length))
    return np.array([_tell(row) for row in draws.tolist()])


def _tell(draws: Iterable[float]) -> list[int]:
    """Return the text that numbers drawn from [0, 1) decide."""
    telling = stories()
    choice = next(telling)
    text = []
    for draw in draws:
        _, words, cumulative = choice
        if cumulative is None:
            place = int(draw * len(words))
        else:  # rounding may leave the last sum a little below one
            place = min(bisect_right(cumulative, draw), len(words) - 1)
        text.append(words[place])
        choice = telling.send(words[place])
    return text


@dataclass(frozen=True)
class Truth:
    """What is true of some texts, word by word.

    Attributes
    ----------
    tokens : ndarray of int, shape (n, length)
        The texts.
    kinds : ndarray of int, shape (n, length)
        The :class:`Kind` of each word.
    probabilities : ndarray of float64, shape (n, length, 153)
        At [i, t], the distribution of word t of text i, given the words before it. The loss of a
        model that knows the language is the entropy of these.

    Examples
    --------
    >>> truth = read(encode("once ada baker dances . at almham flows the boro"))
    >>> [Kind(kind).name for kind in truth.kinds[0, -3:]]
    ['GRAMMAR', 'GRAMMAR', 'FREQUENT_FACT']
    >>> truth.probabilities[0, 6, TOKENS["almham"]].round(3)
    np.float64(0.507)
    """

    tokens: np.ndarray
    kinds: np.ndarray
    probabilities: np.ndarray

    @property
    def entropy(self) -> np.ndarray:
        """The least expected loss at each word, in nats, shape (n, length).

        Gibbs' inequality: a model that gives probabilities q where the truth is p has the expected
        loss ``-sum(p * log(q))``, and it is smallest at ``q = p``.
        """
        p = self.probabilities
        return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)

    @property
    def floor(self) -> float:
        """The least mean loss of foretelling every word but the first of each text, in nats."""
        return float(self.entropy[:, 1:].mean())


def read(tokens: ArrayLike) -> Truth:
    """Say of every word of some texts what might have stood there, and how likely it was.

    Parameters
    ----------
    tokens : array_like of int, shape (n, length) or (length,)
        Texts from their beginning: each starts with "once".

    Returns
    -------
    Truth
        Of shape (n, length); a single text has n = 1.

    Raises
    ------
    TypeError
        If tokens are not integers.
    ValueError
        If there is no word, a token is out of range, or a word cannot stand where it does.

    Examples
    --------
    >>> read(encode("once ada baker dance"))
    Traceback (most recent call last):
        ...
    ValueError: text 0, word 3: 'dance' cannot stand behind 'once ada baker'; expected one of:
    takes, goes, and, dances, sleeps, works, swims
    """
    texts = _texts("read", tokens)
    kinds = np.empty(texts.shape, np.int8)
    probabilities = np.zeros((*texts.shape, len(WORDS)))
    for i, text in enumerate(texts.tolist()):
        for t, choice in enumerate(_listen(text)):
            if text[t] not in choice.words:
                expected = ", ".join(WORDS[word] for word in choice.words)
                raise ValueError(
                    f"text {i}, word {t}: {WORDS[text[t]]!r} cannot stand behind "
                    f"{decode(text[max(0, t - 9) : t])!r}; expected one of: {expected}"
                )
            kinds[i, t] = choice.kind
            probabilities[i, t, list(choice.words)] = choice.probabilities
    return Truth(texts, kinds, probabilities)


def well_formed(tokens: ArrayLike) -> np.ndarray:
    """Count the words of each text before the first one that the grammar forbids.

    Parameters
    ----------
    tokens : array_like of int, shape (n, length) or (length,)
        Texts, written by a model, say.

    Returns
    -------
    ndarray of int, shape (n,)
        `length` for a text without a mistake.

    Raises
    ------
    TypeError, ValueError
        As :func:`read`, but for misplaced words.

    Examples
    --------
    >>> well_formed([encode("once ada baker dances ."), encode("once ada baker dance .")])
    array([5, 3])
    """
    texts = _texts("well_formed", tokens)
    return np.array([
        sum(word in choice.words for word, choice in zip(text, _listen(text), strict=False))
        for text in texts.tolist()
    ])  # fmt: skip


def _listen(text: list[int]) -> Iterator[Choice]:
    """Yield the choice at each word of a text, up to the first that cannot stand where it does.

    This and :func:`_tell` run the same grammar: one draws the words, the other is given them.
    """
    telling = stories()
    choice = next(telling)
    for word in text:
        yield choice
        if word not in choice.words:
            return
        choice = telling.send(word)


def _texts(who: str, tokens: ArrayLike) -> np.ndarray:
    """Return tokens as texts, shape (n, length), after checking them."""
    texts = np.atleast_2d(token_indices(tokens, len(WORDS), who))
    if texts.ndim != 2 or texts.size == 0:
        raise ValueError(f"{who} takes texts of shape (n, length) with at least one word, got "
                         f"shape {np.shape(tokens)}")  # fmt: skip
    return texts


def encode(text: str) -> np.ndarray:
    """Return the tokens of words that are parted by spaces, shape (length,).

    Raises
    ------
    ValueError
        If there is no word, or one is not of the language.

    Examples
    --------
    >>> encode("once ada dances")
    array([ 0, 25, 17])
    """
    words = text.split()
    if unknown := sorted(set(words) - TOKENS.keys()):
        raise ValueError(f"{', '.join(map(repr, unknown))}: not among the language's "
                         f"{len(WORDS)} words, see WORDS")  # fmt: skip
    if not words:
        raise ValueError("encode needs at least one word, got an empty text")
    return np.array([TOKENS[word] for word in words])


def decode(tokens: ArrayLike) -> str:
    """Return the words of one text, with spaces between.

    Raises
    ------
    TypeError
        If tokens are not integers.
    ValueError
        If they are not one row, or one is out of range.

    Examples
    --------
    >>> decode([0, 25, 17])
    'once ada dances'
    """
    row = token_indices(tokens, len(WORDS), "decode")
    if row.ndim != 1:
        raise ValueError(f"decode takes one row of tokens, got shape {row.shape}")
    return " ".join(WORDS[token] for token in row)


def fact_questions() -> tuple[np.ndarray, np.ndarray]:
    """Return for every town the beginning of a text whose next word is its river.

    Returns
    -------
    prompts : ndarray of int, shape (60, 9)
        "once ada baker dances . at almham flows the", and so on; the town that is told of most
        comes first.
    rivers : ndarray of int, shape (60,)

    Examples
    --------
    >>> prompts, rivers = fact_questions()
    >>> decode(prompts[0]), WORDS[rivers[0]]
    ('once ada baker dances . at almham flows the', 'boro')
    """
    before = encode("once ada baker dances . at")
    prompts = np.array([[*before, town, FLOWS, THE] for town in TOWNS])
    return prompts, np.array([RIVER_OF[town] for town in TOWNS])
