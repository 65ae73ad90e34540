"""Send checks to a kernel under a seal, and open what comes back.

What a kernel says of itself could be said by a student's code. :class:`Seal` puts
:mod:`autograders.grading.sandbox.inside.guard` into a new kernel, sends it checks that only it can
read, and believes only what only it can have written. :mod:`autograders.grading.execute` and
:mod:`autograders.grading.proof` lean on it.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from autograders.grading.sandbox.inside import guard

_INSTALL = """
_room = {{"__name__": "guard", "__builtins__": dict(vars(__import__("builtins")))}}
exec(compile({text!r}, "<guard>", "exec"), _room)
print(_room["install"](globals(), get_ipython(), {imports!r}, {files!r}))
del _room
"""
_KEY = re.compile(r"[0-9a-f]{64}")


class Runner(Protocol):
    """What runs cells in the kernel that is being examined."""

    def probe(self, source: str) -> list[NotebookNode]:
        """Run code that is no part of the notebook; return its outputs."""


class Seal:
    """What a new kernel's guard and the grader share.

    Parameters
    ----------
    runner : Runner
        Runs code in the kernel, where nothing of a student's has run yet.
    imports : dict
        What the lab imports, as :func:`imports_of` finds it.
    files : iterable of str
        The Python files of a student's that have been read.
    """

    def __init__(
        self, runner: Runner, imports: dict[str, list[str]], files: Iterable[str] = ()
    ) -> None:
        self.runner = runner
        known = [hashlib.sha256(text.encode()).hexdigest() for text in files]
        program = _INSTALL.format(text=_guard(), imports=imports, files=known)
        outputs = runner.probe(program)
        said = "".join(output.get("text", "") for output in outputs)
        found = _KEY.search(said)
        if found is None:
            raise RuntimeError(f"the kernel could not be made ready for checks: {outputs}")
        self.to_ask, self.to_answer = guard.ways(bytes.fromhex(found[0]))
        self.number = 0

    def request(
        self, sources: Sequence[str], check: bool = True, copy: bool = False, seconds: float = 0
    ) -> str:
        """Return code that runs cells, the last one as a check, and shows the outcome, sealed.

        Parameters
        ----------
        sources : sequence of str
            The cells.
        check : bool
            Whether the last cell is a check; else it is another cell of the lab's own.
        copy, seconds : bool, float
            Whether to run them in a copy of the process, and for how long at most.
        """
        self.number += 1
        plain = [plain_python(source) for source in sources]
        work = {"number": self.number, "sources": plain, "check": check, "copy": copy}
        return f"__course__({guard.seal(self.to_ask, {**work, 'seconds': seconds})!r})"

    def opened(self, outputs: Iterable[NotebookNode]) -> dict[str, Any] | None:
        """Return the outcome of the last request, None if none came back."""
        for output in outputs:
            shown = output.get("data", {}).get("text/plain", "")
            outcome = guard.unseal(self.to_answer, shown.strip("'"))
            if outcome is not None and outcome["number"] == self.number:
                return outcome
        return None

    def copied(self, sources: Sequence[str], seconds: float) -> dict[str, Any]:
        """Return what becomes of cells in a copy of the kernel's process."""
        outputs = self.runner.probe(self.request(sources, copy=True, seconds=seconds))
        return self.opened(outputs) or {"outcome": "lost"}


@lru_cache
def _guard() -> str:
    return Path(guard.__file__).read_text(encoding="utf-8")


@lru_cache(maxsize=1024)  # a lab's checks are the same for the whole class
def plain_python(source: str) -> str:
    """Return a cell without what only IPython understands."""
    return TransformerManager().transform_cell(source)


@lru_cache
def imports_of(cells: tuple[str, ...], locked: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what a lab imports for its locked cells: by the name it gives it, module and name.

    Parameters
    ----------
    cells, locked : tuple of str
        The lab's code, all of it, and what of it a student must not change. A name that is bound
        to something else too is left out.

    Examples
    --------
    >>> imports_of(("import numpy as np", "from math import e, pi, tau", "e = 3"), ("e + pi",))
    {'pi': ['math', 'pi']}
    """
    found: dict[str, list[str]] = {}
    bound: set[str] = set()
    for node in _statements(cells):
        if isinstance(node, ast.Import):
            names = [alias for alias in node.names if alias.asname or "." not in alias.name]
            found |= {alias.asname or alias.name: [alias.name] for alias in names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: [node.module, alias.name] for alias in node.names}
        else:
            bound |= guard.bound(node)
    used = {
        name
        for statement in _statements(locked)
        for node in ast.walk(statement)
        for name in (
            [node.id]
            if isinstance(node, ast.Name)
            else [alias.asname or alias.name for alias in node.names]
            if isinstance(node, ast.Import | ast.ImportFrom)
            else []
        )
    }
    return {name: found[name] for name in found if name in used and name not in bound}


def _statements(cells: Iterable[str]) -> Iterator[ast.stmt]:
    for source in cells:
        try:
            yield from ast.parse(plain_python(source)).body
        except SyntaxError:
            continue
