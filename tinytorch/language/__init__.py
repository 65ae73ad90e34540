"""A made-up language whose truth is known, and the models that speak it: the ground of part two.

:mod:`tinytorch.language.grammar` tells stories, and says of every word what it takes to foretell
it. :func:`~tinytorch.language.stored.load_language_model` returns a model that has learnt it by a
recipe of :mod:`tinytorch.language.training`.
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
from tinytorch.language.knowledge import measure
from tinytorch.language.stored import load_language_model, model_card

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
    "load_language_model",
    "measure",
    "model_card",
    "read",
    "well_formed",
    "write",
]
