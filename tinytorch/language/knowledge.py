"""What a model knows of the language: its loss and its right answers, by kind of word.

Leans on the grammar, which says what is true; the cards of the stored models hold what is found.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.core.autograd import no_grad
from tinytorch.core.layers import Module, evaluation_mode
from tinytorch.language.grammar import Kind, Truth, fact_questions


def measure(model: Module, truth: Truth) -> dict[str, Any]:
    """Measure a model against what is true of some texts.

    Parameters
    ----------
    model : Module
        Maps tokens (n, length) to logits (n, length, 153), as a GPT does.
    truth : Truth
        The texts, at least two words each.

    Returns
    -------
    dict
        ``loss`` and ``floor``: means over all words but the first of each text, in nats; the loss
        is the expected one, ``-sum(p * log(q))`` with the true p, so what it is above the floor is
        the divergence of the model from the truth, and no luck of the texts.
        ``kinds``: for the name of each kind that occurs, how many ``words`` it has, their ``loss``
        and ``floor``, and the share ``right`` where no word is truly likelier than the one that the
        model finds likeliest.
        ``facts`` and ``rare_facts``: of the 60 towns, and of the 30 that are told of least, the
        share whose river the model finds likeliest.

    Raises
    ------
    ValueError
        If a text has less than two words.

    Examples
    --------
    >>> from tinytorch.language import load_language_model, read, write
    >>> found = measure(load_language_model(), read(write(32)))
    >>> found["rare_facts"], found["kinds"]["GRAMMAR"]["right"]
    (1.0, 1.0)
    """
    tokens = truth.tokens
    if tokens.shape[1] < 2:
        raise ValueError(f"measure needs texts of two words at least, got shape {tokens.shape}")
    prompts, rivers = fact_questions()
    with evaluation_mode(model), no_grad():
        log_q = np.concatenate([  # some texts at a time, for memory's sake
            model(tokens[i : i + 32, :-1]).log_softmax().data for i in range(0, len(tokens), 32)
        ])  # fmt: skip
        facts = model(prompts).data[:, -1].argmax(axis=-1) == rivers
    p = truth.probabilities[:, 1:]
    loss, floor = -(p * log_q).sum(axis=-1), truth.entropy[:, 1:]
    chosen = np.take_along_axis(p, log_q.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    right = chosen >= p.max(axis=-1) - 1e-9
    kinds = {}
    for kind in Kind:
        here = truth.kinds[:, 1:] == kind
        if here.any():
            kinds[kind.name] = {
                "words": int(here.sum()),
                "loss": float(loss[here].mean()),
                "floor": float(floor[here].mean()),
                "right": float(right[here].mean()),
            }
    return {
        "loss": float(loss.mean()),
        "floor": float(floor.mean()),
        "kinds": kinds,
        "facts": float(facts.mean()),
        "rare_facts": float(facts[30:].mean()),
    }
