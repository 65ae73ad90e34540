"""Prints what was done, a line for each student: for ``collect`` and ``return``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rich.console import Console

from autograders.console import one_line


def show(groups: Mapping[str, Collection[str]], console: Console) -> None:
    """Print what there is to tell, under titles, a line each."""
    for title, lines in groups.items():
        if lines:
            console.print(f"{len(lines)} {title}", highlight=False)
        for line in lines:
            console.print(f"  {one_line(line)}", markup=False, highlight=False, soft_wrap=True)
