"""How the language models of part two are trained: a recipe, and a training that can be cut off.

A recipe decides every weight: its texts, its first weights and its steps follow from a seed. Leans
on the grammar and on tinytorch's own layers and optimizers; ``make pretrain`` leans on it.

What was tried, with models of the large one's size (the first two in PyTorch). Facts come by
themselves: with stories alone all sixty were known after 1.6 million words. Copying does not. For a
byname, one head has to note which word stood before, and a later one to look for the name that it
has at hand (Elhage et al., 2021, "A mathematical framework for transformer circuits"). Without both
a model is right in half of the cases, as it guesses among the two or three bynames of a story:

- stories alone, 1.6 million words: nothing copied;
- shorter texts first, of 24 words, 0.8 million words: nothing copied;
- lists that repeat (:func:`drills`) as 3 in 10 texts of the first 2,400 steps, 4.5 million words:
  songs 100 %, bynames 57 %, still rising. Songs need only a head that looks four words back. When
  they had 3 to 8 syllables they were not copied at all after 1.4 million words;
- lists of three to eight people and their bynames in any order in place of those, 6.1 million
  words: bynames 51 %, no longer rising;
- lists alone for 2,000 steps, then stories, 3.7 million words: bynames 49 %;
- a head that begins by looking at the word before, and lists of people as 3 in 10 texts, 1.8
  million words: bynames 51 %;
- such a head, and lists alone for 1,000 steps: bynames 64 % after 1.2 million words, 95 % after
  1.6, 99.5 % after 2.5. This is the recipe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np

from tinytorch.core import random
from tinytorch.core.losses import CrossEntropyLoss
from tinytorch.core.optimizers import AdamW
from tinytorch.core.training import clip_grad_norm_
from tinytorch.language.files import read_arrays, write_arrays
from tinytorch.language.grammar import WORDS, write
from tinytorch.models.transformer import GPT


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights of a model.

    Attributes
    ----------
    embed_dim, num_heads, num_layers, context_length : int
        Of the :class:`~tinytorch.models.transformer.GPT`.
    steps, batch : int
        How many steps, each on how many texts of `context_length` + 1 words, never seen before.
    lr, warmup : float, int
        The learning rate rises in `warmup` steps to `lr`, then falls along half a cosine to zero.
    drill_steps, mixed_steps, drill_share : int, int, float
        In the first `drill_steps` steps all texts are :func:`drills`, in the next `mixed_steps`
        this share of them.
    seed : int
    """

    embed_dim: int
    num_heads: int
    num_layers: int
    steps: int
    context_length: int = 64
    batch: int = 16
    lr: float = 2e-3
    warmup: int = 200
    drill_steps: int = 1000
    mixed_steps: int = 3000
    drill_share: float = 0.2
    seed: int = 0

    def new_model(self) -> GPT:
        """Return the model before its first step; the stack's own generator is left alone.

        Positions begin as waves, from 2.5 radians a word down to a hundredth of that, and the first
        head of the first block looks at the word before: its keys are a position's waves, its
        queries the same, turned back by one word. All of it is trained like the rest.
        """
        with random.seeded(self.seed):
            model = GPT(len(WORDS), self.embed_dim, self.num_heads, self.num_layers,
                        self.context_length)  # fmt: skip
        column = np.arange(self.embed_dim)
        frequency = 2.5 * 100.0 ** (-(column - column % 2) / self.embed_dim)
        angle = np.arange(self.context_length)[:, None] * frequency
        waves = np.where(column % 2 == 0, np.sin(angle), np.cos(angle))
        model.positions.weight.data[...] = 0.05 * waves

        attention = model.blocks[0].attention
        width = attention.head_dim - attention.head_dim % 2  # a sine and a cosine each
        even = np.arange(0, width, 2)
        back = np.diag(np.cos(frequency[:width]))
        back[even, even + 1] = np.sin(frequency[even])
        back[even + 1, even] = -np.sin(frequency[even])
        for projection, turn in ((attention.k_proj, np.eye(width)), (attention.q_proj, back)):
            projection.weight.data[:, : attention.head_dim] = 0
            projection.weight.data[:width, :width] = 1.6 * turn
            projection.bias.data[: attention.head_dim] = 0  # type: ignore[union-attr]
        return model

    def texts(self, step: int) -> np.ndarray:
        """Return the texts of a step, shape (batch, context_length + 1)."""
        length = self.context_length + 1
        texts = write(self.batch, length, seed=(self.seed, step))
        if step < self.drill_steps + self.mixed_steps:
            n = self.batch if step < self.drill_steps else round(self.drill_share * self.batch)
            texts[:n] = drills(n, length, seed=(self.seed, step, 1))
        return texts

    def lr_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        return self.lr * min(1, (step + 1) / self.warmup) * (1 + cos(pi * step / self.steps)) / 2


RECIPES: dict[str, Recipe] = {
    "large": Recipe(embed_dim=96, num_heads=4, num_layers=3, steps=16_000),
    "small": Recipe(embed_dim=48, num_heads=4, num_layers=2, steps=8_000),
}
"""The model of the labs, and the student of lab 12, trained alone."""


def drills(n: int, length: int, seed: int | Sequence[int]) -> np.ndarray:
    """Return lists of 3 to 11 words of any kind, each repeated to the end of a text.

    Parameters
    ----------
    n, length : int
    seed : int or sequence of int

    Returns
    -------
    ndarray of int, shape (n, length)

    Notes
    -----
    They are not of the language, but all of a text behind the first list can be foretold by finding
    the same word before, and copying what followed it (Olsson et al., 2022, arXiv:2209.11895).

    Examples
    --------
    >>> from tinytorch.language import decode
    >>> decode(drills(1, 9, seed=1)[0])
    'marford go branham has kai carver branford marford go'
    """
    draws = np.random.default_rng(seed).random((n, 1 + len(WORDS)))
    lists = draws[:, 1:].argsort(axis=1)  # each a shuffle of all words
    periods = 3 + (9 * draws[:, :1]).astype(int)
    return np.take_along_axis(lists, np.arange(length) % periods, axis=1)


class Training:
    """A model on its way, one step at a time.

    Parameters
    ----------
    recipe : Recipe

    Attributes
    ----------
    recipe : Recipe
    model : GPT
    losses : list of float
        The loss of each step so far, in nats.

    Examples
    --------
    >>> training = Training(Recipe(embed_dim=8, num_heads=2, num_layers=1, steps=2, batch=2))
    >>> [round(loss, 1) for loss in training]
    [5.0, 5.0]
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.model = recipe.new_model()
        self.optimizer = AdamW(self.model.parameters(), recipe.lr, (0.9, 0.99), weight_decay=0.0)
        self.losses: list[float] = []
        self._loss = CrossEntropyLoss()

    def __iter__(self) -> Iterator[float]:
        """Take the steps that are left; yield the loss of each."""
        while len(self.losses) < self.recipe.steps:
            yield self.step()

    def step(self) -> float:
        """Take one step; return the loss before it."""
        texts = self.recipe.texts(len(self.losses))
        self.optimizer.lr = self.recipe.lr_at(len(self.losses))
        self.optimizer.zero_grad()
        loss = self._loss(self.model(texts[:, :-1]), texts[:, 1:])
        loss.backward()
        clip_grad_norm_(self.optimizer.params, 1.0)
        self.optimizer.step()
        self.losses.append(loss.item())
        return self.losses[-1]

    def save(self, path: Path) -> None:
        """Write everything down from which :meth:`load` goes on, all of it or nothing."""
        arrays: dict[str, np.ndarray] = {
            "recipe": np.array(json.dumps(asdict(self.recipe))),
            "losses": np.array(self.losses),
        }
        for name, parameter in self.model.named_parameters():
            state = self.optimizer.state[parameter]
            arrays |= {f"{name}/weight": parameter.data}
            arrays |= {f"{name}/{part}": np.asarray(value) for part, value in state.items()}
        write_arrays(path, arrays)

    @classmethod
    def load(cls, recipe: Recipe, path: Path) -> Training:
        """Return the training that :meth:`save` wrote, the same in every bit.

        Raises
        ------
        ValueError
            If the file is damaged, or of another recipe.
        """
        training = cls(recipe)
        arrays = read_arrays(path)
        try:
            written: dict[str, Any] = json.loads(str(arrays["recipe"]))
            if written != asdict(recipe):
                raise ValueError(f"it is of another recipe, {written}")
            for name, parameter in training.model.named_parameters():
                parameter.data[...] = arrays[f"{name}/weight"]
                if f"{name}/count" in arrays:
                    training.optimizer.state[parameter].update(
                        count=int(arrays[f"{name}/count"]),
                        mean=arrays[f"{name}/mean"],
                        square=arrays[f"{name}/square"],
                    )
            training.losses = arrays["losses"].tolist()
        except (KeyError, ValueError) as error:
            raise ValueError(
                f"{path} is not this training, cut off: {error}; delete it to begin anew"
            ) from None
        return training
