"""Train the stored language models: ``make pretrain``.

A training that was cut off goes on where it last wrote itself down, in ``build/pretraining/``; a
finished one takes the place of the stored model and prints what it knows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tinytorch.language.grammar import Truth, read, write
from tinytorch.language.stored import STORED, write_model
from tinytorch.language.training import RECIPES, Training

KEPT_EVERY = 200  # steps, about fifteen seconds
FIRST = 20  # losses on the card, for the test that the recipe still begins like this


def held_out(n: int = 512) -> Truth:
    """Return texts that no recipe trains on: those have two numbers as a seed."""
    return read(write(n, 65, seed=1_000_000))


def train(name: str, kept: Path, console: Console) -> Training:
    """Take the steps of a recipe that are left, with a bar; write the training down on the way."""
    recipe = RECIPES[name]
    training = Training.load(recipe, kept) if kept.exists() else Training(recipe)
    begun, start = len(training.losses), perf_counter()
    floor = held_out(64).floor
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[now]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(name, total=recipe.steps, completed=begun, now="")
        try:
            for _ in training:
                done = len(training.losses)
                speed = (done - begun) * recipe.batch * recipe.context_length
                speed = round(speed / (perf_counter() - start))
                loss = np.mean(training.losses[-100:])
                now = f"loss {loss:.3f}, floor {floor:.3f}; {speed:,} words/s"
                progress.update(bar, completed=done, now=now)
                if done % KEPT_EVERY == 0:
                    training.save(kept)
                    if not console.is_terminal and done % (5 * KEPT_EVERY) == 0:
                        console.print(f"{name}: step {done} of {recipe.steps}, {now}")
        except KeyboardInterrupt:
            training.save(kept)
            raise
    training.save(kept)
    return training


def table(name: str, measured: dict[str, Any]) -> Table:
    """Lay out what a model knows."""
    shown = Table(
        title=f"{name}: loss {measured['loss']:.4f}, floor {measured['floor']:.4f}; "
        f"facts {measured['facts']:.1%}, rare ones {measured['rare_facts']:.1%}"
    )
    for column in ("kind of word", "words", "loss", "floor", "right"):
        shown.add_column(column, justify="left" if column == "kind of word" else "right")
    for kind, of in measured["kinds"].items():
        cells = f"{of['words']:,}", f"{of['loss']:.4f}", f"{of['floor']:.4f}", f"{of['right']:.1%}"
        shown.add_row(kind.lower().replace("_", " "), *cells)
    return shown


def main(argv: Sequence[str] | None = None) -> int:
    """Train what is named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tinytorch.language", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="MODEL", help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--kept", type=Path, default=Path("build/pretraining"), metavar="FOLDER",
                        help="where a training is written down on the way")  # fmt: skip
    parser.add_argument("--to", type=Path, default=STORED, metavar="FOLDER",
                        help="where finished models go (default: into the package)")  # fmt: skip
    options = parser.parse_args(argv)
    if unknown := sorted(set(options.names) - RECIPES.keys()):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    console = Console()
    for name in options.names or RECIPES:
        kept = options.kept / f"{name}.npz"
        try:
            training = train(name, kept, console)
        except KeyboardInterrupt:
            console.print(f"stopped; the same command goes on from {kept}")
            return 130
        except ValueError as error:
            console.print(f"error: {error}", style="red", markup=False, highlight=False)
            return 1
        first = training.losses[:FIRST]
        card = write_model(options.to / f"{name}.npz", training.model, training.recipe, first,
                           held_out())  # fmt: skip
        kept.unlink()
        console.print(table(name, card["measured"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
