"""A made-up language whose truth is known, and the models that speak it: the ground of part two.

:mod:`tinytorch.language.grammar` tells stories, and says of every word what it takes to foretell
it.
"""

from tinytorch.language.grammar import (
    TOKENS,
    TOWN_FREQUENCY,
    TOWNS,
    WORDS,
    Kind,
    Truth,
    decode,
    encode,
    fact_questions,
    read,
    well_formed,
    write,
)

__all__ = [
    "TOKENS",
    "TOWNS",
    "TOWN_FREQUENCY",
    "WORDS",
    "Kind",
    "Truth",
    "decode",
    "encode",
    "fact_questions",
    "read",
    "well_formed",
    "write",
]
