"""Turn a lab into a module of ``tinytorch``: its ``#| export`` cells, written by nbdev's exporter.

A student finishes a lab and runs its last cell, ``export_lab("01_sparsity.ipynb")``; from then on
the next lab and checkpoint 17 import what they wrote. ``python -m tinytorch.export LAB...`` does
the same from a shell, and the tests regenerate every lab's module with :func:`render`.

A module is written whole or not at all, and never over work that it would lose: its last lines
record the notebook it came from and a digest of the text, so another lab's module and an edit
made by hand are both recognised. A lab is read as the JSON that it is: to import nbformat takes
three seconds, which every student would wait for at the end of every lab.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import hashlib
import importlib
import json
import os
import re
import symtable
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tinytorch.console import disk_trouble, print_any_name

PACKAGE = Path(__file__).resolve().parent
HOME = "optimization.compression"  # where labs may export to
_TRAILER = re.compile(r"# exported from (?P<origin>.+)\n# sha256 (?P<digest>[0-9a-f]{64})\n\Z")
_MARKERS = re.compile(r"^\s*### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)


class ExportError(RuntimeError):
    """A lab that cannot be exported; what was exported before is unchanged."""


def export_lab(notebook: str | Path, force: bool = False) -> None:
    """Write a lab's ``#| export`` cells to the module that its ``#| default_exp`` line names.

    Prints one line, the same on every machine. nbgrader and ``nbgrader validate`` run labs too
    (``NBGRADER_EXECUTION`` is set then): nothing is written in that case.

    Parameters
    ----------
    notebook : str or Path
        The lab as saved on disk; a relative path starts at the current folder.
    force : bool
        Also replace a module that came from another notebook or was edited by hand.

    Raises
    ------
    ExportError
        If the lab does not exist, is not finished, does not compile or uses a name that it does
        not export; if this kernel ran another version of a cell than the saved one; if the
        module there would be lost (unless `force`); or if it cannot be written. The earlier
        export stays as it is.

    Examples
    --------
    >>> export_lab("99_not_a_lab.ipynb")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    tinytorch.export.ExportError: there is no lab 99_not_a_lab.ipynb...
    """
    notebook = Path(notebook)
    if os.environ.get("NBGRADER_EXECUTION"):
        print(f"nbgrader is running {notebook.name}: not exported")
        return
    _check_saved(notebook, _ran())
    module, text = render(notebook)
    target = _target(module)
    if not force:
        _refuse_to_lose_work(target, module, notebook)
    if not _holds(target, text):
        try:
            _write_atomically(target, text)
        except OSError as error:
            trouble = disk_trouble(error, target.name)
            if trouble is None:
                raise
            raise ExportError(f"{notebook.name} was not exported. {trouble}") from error
        importlib.invalidate_caches()
    print(f"exported {notebook.name} to {module}")


def render(notebook: str | Path) -> tuple[str, str]:
    """Return the dotted name and the text of the module that a lab exports, without writing it.

    Both depend on the lab alone: neither on the machine nor on the current folder.

    Raises
    ------
    ExportError
        As :func:`export_lab`.
    """
    notebook = Path(notebook)
    cells = _read(notebook)
    module = _module(notebook, cells)
    exported = [cell for cell in cells if _directive(cell, "export") is not None]
    for cell in exported:
        _check_finished(notebook, cell)
    text = _run_nbdev(notebook, cells, module)
    _check_names(notebook, text, exported)
    return module, f"{text}\n# exported from {_origin(notebook)}\n# sha256 {_digest(text)}\n"


def is_current(notebook: str | Path) -> bool:
    """Return whether the lab's module is there and is what the lab exports now.

    Raises
    ------
    ExportError
        As :func:`export_lab`.
    """
    module, text = render(notebook)
    return _holds(_target(module), text)


# Reading a lab


def _read(notebook: Path) -> list[dict[str, Any]]:
    """Return the notebook's cells without solution markers, each with a telling ``id``."""
    if not notebook.is_file():
        beside = sorted(path.name for path in notebook.parent.glob("*.ipynb"))
        raise ExportError(
            f"there is no lab {notebook} (in {Path.cwd().name}/); "
            f"notebooks beside it: {', '.join(beside) or 'none'}"
        )
    try:
        document = json.loads(notebook.read_text(encoding="utf-8"))
    except ValueError as error:  # no JSON, or no text
        raise ExportError(f"{notebook.name} is not a readable notebook: {error}") from error
    version = document.get("nbformat") if isinstance(document, dict) else None
    if version != 4:
        raise ExportError(
            f"{notebook.name} is not a readable notebook: its format is {version}, not 4. "
            "Open it in JupyterLab and save it"
        )
    for number, cell in enumerate(document["cells"], start=1):
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["id"] = grade_id or cell.get("id", f"cell-{number}")
        cell["source"] = _MARKERS.sub("", "".join(cell["source"])).rstrip("\n")
    return document["cells"]


def _directive(cell: dict[str, Any], name: str) -> str | None:
    """Return the rest of a code cell's ``#| name ...`` line, or None if it has none."""
    if cell["cell_type"] != "code":
        return None
    found = re.search(rf"^#\|\s*{name}\b[ \t]*(.*)$", cell["source"], re.MULTILINE)
    return found.group(1).strip() if found else None


def _exports(notebook: Path) -> bool:
    """Return whether a lab is meant to export; lab 08, whose subject is tests, is not."""
    words, cells = ("default_exp", "export"), _read(notebook)
    return any(_directive(cell, word) is not None for cell in cells for word in words)


def _module(notebook: Path, cells: Sequence[dict[str, Any]]) -> str:
    names = [name for cell in cells if (name := _directive(cell, "default_exp")) is not None]
    if len(names) != 1:
        raise ExportError(
            f"{notebook.name} has {len(names)} `#| default_exp` lines; one must say where it "
            f"exports to, as in `#| default_exp {HOME}.sparsity`"
        )
    home, _, module = names[0].rpartition(".")
    if home != HOME or not module.isidentifier() or module.startswith("_"):
        raise ExportError(
            f"{notebook.name} says `#| default_exp {names[0]}`; "
            f"labs export to {HOME}.<module>, as in `#| default_exp {HOME}.sparsity`"
        )
    return f"{PACKAGE.name}.{names[0]}"


def _target(module: str) -> Path:
    return PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")


def _origin(notebook: Path) -> str:
    """Return the notebook's path seen from the folder that holds ``tinytorch``."""
    path, root = notebook.resolve(), PACKAGE.parent
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


# Checks


def _ran() -> list[str]:
    """Return the cells that this kernel has run, in order; none outside of a kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return [] if shell is None else shell.history_manager.input_hist_raw


def _check_saved(notebook: Path, ran: Sequence[str]) -> None:
    """Refuse a lab whose file is behind the notebook on the screen: checks passed on other code."""
    latest = {}  # by what it defines, the last version of a cell that was run
    for source in ran:
        cell = {"cell_type": "code", "source": _MARKERS.sub("", source).rstrip("\n")}
        if _directive(cell, "export") is not None:
            latest.update(dict.fromkeys(_defined(cell["source"]), cell["source"]))
    for cell in _read(notebook) if latest else []:
        if _directive(cell, "export") is not None:
            for name in _defined(cell["source"]):
                if latest.get(name, cell["source"]) != cell["source"]:
                    raise ExportError(
                        f"{notebook.name}, cell {cell['id']}: the {name} that was run is not the "
                        "one that is saved. Run its cell, save the notebook (Ctrl+S) and export "
                        "again; nothing was changed"
                    )


def _check_finished(notebook: Path, cell: dict[str, Any]) -> None:
    where = f"{notebook.name}, cell {cell['id']}"
    try:
        tree = ast.parse(cell["source"])
    except SyntaxError as error:
        raise ExportError(
            f"{where}, line {error.lineno}: {error.msg}. Mend the cell, save the notebook and "
            "export again; nothing was changed"
        ) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            raise ExportError(
                f"{where}, line {node.lineno}: not finished yet (NotImplementedError). Write your "
                "answer, save the notebook and export again; nothing was changed"
            )


def _check_names(notebook: Path, text: str, exported: Sequence[dict[str, Any]]) -> None:
    """Refuse a module that would fail at its first call for want of a name.

    In a notebook every cell sees every other; in the module only the exported ones are there.
    """
    known = set(_top_level(text)) | set(dir(builtins)) | {"__file__", "__name__", "__doc__"}
    for cell in exported:
        missing = sorted(set(_globals_read(cell["source"])) - known)
        if missing:
            raise ExportError(
                f"{notebook.name}, cell {cell['id']} uses {', '.join(missing)}, which no "
                "`#| export` cell defines or imports. Put `#| export` on top of the cell that "
                "does, save the notebook and export again; nothing was changed"
            )


def _defined(source: str) -> list[str]:
    """Return the functions and classes that a cell defines, none if it is no Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _scopes(text: str) -> Iterator[symtable.SymbolTable]:
    waiting = [symtable.symtable(text, "<lab>", "exec")]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        yield scope


def _top_level(text: str) -> Iterator[str]:
    for scope in _scopes(text):
        for symbol in scope.get_symbols():
            module_wide = scope.get_type() == "module" or symbol.is_declared_global()
            if module_wide and (symbol.is_assigned() or symbol.is_imported()):
                yield symbol.get_name()


def _globals_read(text: str) -> Iterator[str]:
    for scope in _scopes(text):
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (scope.get_type() == "module" or symbol.is_global()):
                yield symbol.get_name()


def _refuse_to_lose_work(target: Path, module: str, notebook: Path) -> None:
    if not target.exists():
        return
    text = target.read_text(encoding="utf-8")
    trailer, here = _TRAILER.search(text), _origin(notebook)
    remedy = f'or, to replace it, export_lab("{notebook.name}", force=True)'
    if trailer is None or _digest(text[: trailer.start() - 1]) != trailer["digest"]:
        raise ExportError(
            f"{module} was edited by hand since it was exported. Carry the edits over to "
            f"{notebook.name} and delete {target.name}, {remedy}"
        )
    if trailer["origin"] != here:
        raise ExportError(
            f"{module} was exported from {trailer['origin']}, not from {here}. "
            f"Export that one, {remedy}"
        )


# Writing


def _run_nbdev(notebook: Path, cells: Sequence[dict[str, Any]], module: str) -> str:
    """Return what nbdev makes of the cells, with the lab's own path in its headers."""
    from nbdev.export import nb_export
    from nbdev.maker import ModuleMaker

    origin = _origin(notebook)

    class Maker(ModuleMaker):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.dest2nb, self.hdr = origin, f"# %% {origin}"

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, notebook.name)
        document = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        copy.write_text(json.dumps(document), encoding="utf-8")
        nb_export(copy, lib_path=Path(folder, PACKAGE.name), mod_maker=Maker)
        written = Path(folder, *module.split(".")).with_suffix(".py")
        if not written.exists():
            raise ExportError(
                f"{notebook.name} has nothing to export: put `#| export` on top of the cells that "
                f"belong in {module}"
            )
        text = written.read_text(encoding="utf-8")
    compile(text, written.name, "exec")
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _holds(target: Path, text: str) -> bool:
    return target.exists() and target.read_text(encoding="utf-8") == text


def _write_atomically(target: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".export-", suffix=".py")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)  # mkstemp keeps its files to their owner
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def main(argv: Sequence[str] | None = None) -> int:
    """Export the labs named on the command line; return the exit status."""
    print_any_name()
    parser = argparse.ArgumentParser(
        prog="python -m tinytorch.export",
        description="Turn finished labs into modules of tinytorch.",
    )
    parser.add_argument("notebooks", nargs="+", metavar="LAB.ipynb", type=Path)
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace a module that came from another notebook or was edited by hand",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a module is not up to date"
    )
    options = parser.parse_args(argv)
    failures = 0
    for notebook in options.notebooks:
        try:
            if not _exports(notebook):
                print(f"{notebook.name} exports nothing")
            elif not options.check:
                export_lab(notebook, force=options.force)
            elif not is_current(notebook):
                raise ExportError(f"{notebook} has changed since it was exported; export it again")
        except ExportError as error:
            failures += 1
            print(f"error: {error}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
