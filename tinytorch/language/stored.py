"""The stored language models: weights as float16, and a card that says where they come from.

``make pretrain`` writes them, :func:`load_language_model` reads them, in milliseconds; the labs of
part two begin with it. Leans on the recipes and on what is true of the language.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tinytorch.language.files import read_arrays, write_arrays
from tinytorch.language.grammar import Truth
from tinytorch.language.knowledge import measure
from tinytorch.language.training import RECIPES, Recipe
from tinytorch.models.transformer import GPT

STORED = Path(__file__).parent


def load_language_model(name: str = "large", trained: bool = True) -> GPT:
    """Return a language model of the course, in evaluation mode.

    Parameters
    ----------
    name : {'large', 'small'}, default 'large'
        The large one has 356,544 parameters, the small one 67,056.
    trained : bool, default True
        Whether to load the stored weights, or leave those that training began with.

    Returns
    -------
    GPT
        A new one at each call; the stack's own random numbers are left alone.

    Raises
    ------
    ValueError
        If there is no such model, or its file is damaged.

    Examples
    --------
    >>> from tinytorch.language import decode, encode
    >>> model = load_language_model()
    >>> start = encode("once ada baker dances . at almham flows")
    >>> decode(model.generate(start[None], 3, temperature=0)[0])
    'once ada baker dances . at almham flows the boro .'
    """
    file = _file(name)
    if trained:
        return read_model(file)[0]
    model = RECIPES[name].new_model()
    model.eval()
    return model


def model_card(name: str = "large") -> dict[str, Any]:
    """Return what is known of a stored model.

    Parameters
    ----------
    name : {'large', 'small'}, default 'large'

    Returns
    -------
    dict
        ``recipe``; ``first_losses``, of the first steps; ``measured``, as
        :func:`~tinytorch.language.knowledge.measure` returns it; ``sha256``, of the weights.

    Raises
    ------
    ValueError
        As :func:`load_language_model`.

    Examples
    --------
    >>> model_card()["recipe"]["embed_dim"]
    96
    """
    return read_model(_file(name))[1]


def _file(name: str) -> Path:
    if name not in RECIPES:
        raise ValueError(f"there is no language model {name!r}; there are {', '.join(RECIPES)}")
    return STORED / f"{name}.npz"


def write_model(path: Path, model: GPT, recipe: Recipe, first_losses: list[float],
                truth: Truth) -> dict[str, Any]:  # fmt: skip
    """Store a model as float16 with its card, all of it or nothing; return the card.

    What the card says was measured is that of the rounded weights, which the model has afterwards.
    """
    state = {name: array.astype(np.float16) for name, array in model.state_dict().items()}
    model.load_state_dict(state)
    card = {
        "recipe": asdict(recipe),
        "first_losses": first_losses,
        "measured": measure(model, truth),
        "sha256": _digest(state),
    }
    write_arrays(path, {"card": np.array(json.dumps(card))} | state)
    return card


def read_model(path: Path) -> tuple[GPT, dict[str, Any]]:
    """Return a stored model, in evaluation mode, and its card.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, or another kind of file.
    """
    arrays = read_arrays(path)
    try:
        card = json.loads(str(arrays.pop("card")))
        model = Recipe(**card["recipe"]).new_model()
        model.load_state_dict(arrays)
        if (found := _digest(arrays)) != card["sha256"]:
            raise ValueError(f"its weights have the hash {found}, the card says {card['sha256']}")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is no language model of this course: {error!r}; `make pretrain` writes one"
        ) from None
    model.eval()
    return model, card


def _digest(state: dict[str, np.ndarray]) -> str:
    """Return a hash of names, shapes and numbers, the same on every machine."""
    sha = hashlib.sha256()
    for name, array in sorted(state.items()):
        sha.update(f"{name} {array.shape}\n".encode() + array.astype("<f2").tobytes())
    return sha.hexdigest()
