"""Turn a lab into a module of ``tinytorch``: its ``#| export`` cells, written by nbdev's exporter.

A student finishes a lab and runs its last cell, ``export_lab("01_sparsity.ipynb")``; from then on
the next lab and checkpoint 17 import what they wrote. ``python -m tinytorch.export LAB...`` does
the same from a shell, and the tests regenerate every lab's module with :func:`render`.

A module is written whole or not at all, and never over work that it would lose: its last lines
record the notebook it came from and a digest of the text, so another lab's module and an edit
made by hand are both recognised. What a lab's cells see of each other's imports its module sees
too; what else is missing there is named. A lab is read as the JSON that it is: to import nbformat
takes three seconds, which every student would wait for at the end of every lab.
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
_DIRECTIVE = re.compile(
    r"^[ \t]*#[ \t]*\|[ \t]*(default_exp|export[si]?)\b[ \t]*([^#\n]*).*\n?", re.MULTILINE
)
_EXPORTS = {"export", "exports", "exporti"}  # nbdev's words; the last keeps names out of __all__
# Commands that run the rest of their cell in the notebook; a module is the rest.
_RUNS_THE_CELL = re.compile(r"\A\s*%%(?:time|capture|prun)\b.*\n?")
_COMMAND = re.compile(r"^[ \t]*([%!?].*|.*\?|\w+ *= *[%!].*)$", re.MULTILINE)
# Names that only a notebook has, and where a module has them from.
_OF_NOTEBOOKS = {
    "display": "from IPython.display import display",
    "get_ipython": "from IPython import get_ipython",
}


class ExportError(RuntimeError):
    """A lab that cannot be exported; what was exported before is unchanged."""


def export_lab(notebook: str | Path, force: bool = False) -> None:
    """Write a lab's ``#| export`` cells to the module that its ``#| default_exp`` line names.

    Prints one line, the same on every machine; it names what the lab should define and does not.
    nbgrader and ``nbgrader validate`` run labs too
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
    if _by_nbgrader():
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
    print(f"exported {notebook.name} to {module}{_without(notebook, module, text)}")


def _by_nbgrader() -> bool:
    """Return whether nbgrader runs this kernel.

    It says so to the kernels that it starts; and, once a lab has ended Python under Validate, to
    all that the same JupyterLab starts later. Those know which notebook they are for.
    """
    return bool(os.environ.get("NBGRADER_EXECUTION")) and "JPY_SESSION_NAME" not in os.environ


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
    exported = [cell for cell in cells if _is_exported(cell)]
    for cell in cells:
        _check_kind(notebook, cell)
    for cell in exported:
        _check_finished(notebook, cell)
    others = _from_other_cells(notebook, cells)
    for cell in exported:
        cell["source"] = _without_future(cell["source"])
    text = _run_nbdev(notebook, [*others, *cells], module)
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
            f"notebooks beside it: {', '.join(beside) or 'none'}{_renamed(notebook)}"
        )
    try:
        document = json.loads(notebook.read_bytes())  # which finds the encoding itself
    except ValueError as error:  # no JSON, or no text
        raise ExportError(
            f"{notebook.name} is not a readable notebook: {error}. Take a fresh copy of it from "
            "the kit's zip, and carry your answers over"
        ) from error
    version = document.get("nbformat") if isinstance(document, dict) else None
    if version != 4:
        raise ExportError(
            f"{notebook.name} is not a readable notebook: its format is {version}, not 4. "
            "Open it in JupyterLab and save it"
        )
    if not isinstance(document.get("cells"), list):
        raise ExportError(f"{notebook.name} is not a readable notebook: it has no cells")
    cells = [cell for cell in document["cells"] if isinstance(cell, dict)]
    for number, cell in enumerate(cells, start=1):
        for key, nothing in (("metadata", {}), ("source", ""), ("cell_type", "")):
            cell[key] = cell.get(key) or nothing  # which an editor left out, or left null
        marks = cell["metadata"].get("nbgrader")
        grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
        cell["id"] = grade_id or cell.get("id", f"cell-{number}")
        cell["source"] = _tidied("".join(cell["source"]), cell["cell_type"])
    return cells


def _tidied(source: str, cell_type: str = "code") -> str:
    """Return a cell without solution markers, its directives on top, where nbdev looks for them.

    Students write a comment or an import above ``#| export``, or ``# | export``.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    source = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    source = _MARKERS.sub("", source).rstrip("\n")
    if cell_type != "code":
        return source
    found = [(word, rest.strip()) for word, rest in _DIRECTIVE.findall(source)]
    if any(word in _EXPORTS for word, _ in found):
        source = _RUNS_THE_CELL.sub("", source)
    above = "".join(f"#| {word} {rest}".rstrip() + "\n" for word, rest in found)
    return (above + _DIRECTIVE.sub("", source)).rstrip("\n")


def _directive(cell: dict[str, Any], *names: str) -> str | None:
    """Return the rest of a code cell's ``#| name ...`` line, or None if it has none."""
    if cell["cell_type"] != "code":
        return None
    found = (rest for word, rest in _DIRECTIVE.findall(cell["source"]) if word in names)
    return next((rest.strip() for rest in found), None)


def _is_exported(cell: dict[str, Any]) -> bool:
    return _directive(cell, *_EXPORTS) is not None


def _exports(notebook: Path) -> bool:
    """Return whether a lab is meant to export; lab 08, whose subject is tests, is not."""
    return any(_directive(cell, "default_exp", *_EXPORTS) is not None for cell in _read(notebook))


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
        cell = {"cell_type": "code", "source": _tidied(source)}
        if _is_exported(cell):
            latest.update(dict.fromkeys(_defined(cell["source"]), cell["source"]))
    for cell in filter(_is_exported, _read(notebook) if latest else []):
        for name in _defined(cell["source"]):
            if latest.get(name, cell["source"]) != cell["source"]:
                raise ExportError(
                    f"{notebook.name}, cell {cell['id']}: the {name} that was run is not the one "
                    "that is saved. Run its cell, save the notebook (Ctrl+S) and export again; "
                    f"nothing was changed{_renamed(notebook)}"
                )


def _renamed(notebook: Path) -> str:
    """Return what to say where this kernel's notebook has another name, as a copy has."""
    here = Path(os.environ.get("JPY_SESSION_NAME", "")).name  # set by Jupyter's server
    if not here.endswith(".ipynb") or here == notebook.name:
        return ""
    return f'. This notebook is called {here}: to export it, write export_lab("{here}")'


def _check_kind(notebook: Path, cell: dict[str, Any]) -> None:
    """Refuse a cell that is marked and is no code: the key M makes it Markdown in a moment."""
    word = _DIRECTIVE.match(cell["source"])
    if cell["cell_type"] != "code" and word and word[1] in _EXPORTS:
        raise ExportError(
            f"{notebook.name}, cell {cell['id']} begins with `#| {word[1]}` and is no code. Click "
            "on it, choose Code in the toolbar, save the notebook and export again; nothing was "
            "changed"
        )


def _check_finished(notebook: Path, cell: dict[str, Any]) -> None:
    where = f"{notebook.name}, cell {cell['id']}"
    if rest := _directive(cell, *_EXPORTS):
        raise ExportError(f"{where}: `#| export {rest}`; write `#| export` alone, the module is "
                          "named by `#| default_exp`")  # fmt: skip
    try:
        tree = ast.parse(cell["source"])
        compile(cell["source"], where, "exec", dont_inherit=True)  # finds more than the parser
    except SyntaxError as error:
        command = _COMMAND.search(cell["source"])
        reason = f"{error.msg}. Mend the cell"
        if command:
            reason = (f"`{command[1]}` is a command to the notebook, and a module has none. Move "
                      "it to a cell of its own")  # fmt: skip
        raise ExportError(
            f"{where}, line {error.lineno}: {reason}, save the notebook and export again; nothing "
            "was changed"
        ) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            raise ExportError(
                f"{where}, line {node.lineno}: not finished yet (NotImplementedError). Write your "
                "answer, save the notebook and export again; nothing was changed"
            )


def _from_other_cells(notebook: Path, cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return exported cells of what the module would otherwise lack.

    In a notebook every cell sees every other; in the module only the exported ones are there. So
    the imports that they need come along, and what is switched on by ``from __future__``, which
    must stand first. A name that is defined where nothing is exported is refused.
    """
    exported = [cell for cell in cells if _is_exported(cell)]
    others = [cell for cell in cells if cell["cell_type"] == "code" and not _is_exported(cell)]
    futures = {a.name for c in exported + others for n in _futures(c["source"]) for a in n.names}
    known = set(dir(builtins)) - set(_OF_NOTEBOOKS) | {"__file__", "__name__", "__doc__"}
    for cell in exported:
        known |= {*_top_level(cell["source"]), *_imports(cell["source"])}
    imports = _OF_NOTEBOOKS | {k: v for cell in others for k, v in _imports(cell["source"]).items()}
    needed: set[str] = set()
    for cell in exported:
        missing = set(_globals_read(cell["source"])) - known
        if missing <= imports.keys():
            needed |= missing
            continue
        raise ExportError(_say_missing(notebook, cell, missing - imports.keys(), others))
    made = [sorted({imports[name] for name in needed})]
    if futures:
        made.insert(0, [f"from __future__ import {', '.join(sorted(futures))}"])
    return [
        {"cell_type": "code", "id": "imports", "metadata": {}, "outputs": [],
         "source": "#| export\n" + "\n".join(lines)}
        for lines in made if lines
    ]  # fmt: skip


def _say_missing(
    notebook: Path, cell: dict[str, Any], missing: set[str], others: Sequence[dict[str, Any]]
) -> str:
    makers = [c["id"] for c in others if missing & set(_top_level(_parseable(c["source"])))]
    found = f" (look at cell {', '.join(makers)})" if makers else ""
    return (
        f"{notebook.name}, cell {cell['id']} uses {', '.join(sorted(missing))}, which no "
        f"`#| export` cell defines or imports{found}. Put `#| export` on top of the cell that "
        "does, save the notebook and export again; nothing was changed"
    )


def _without(notebook: Path, module: str, text: str) -> str:
    """Return what to say of names that belong to a lab's module and are not in it."""
    from tinytorch.optimization.compression import LABS

    _, names = LABS.get(module.rpartition(".")[2], ("", ()))
    missing = [name for name in names if name not in set(_top_level(text))]
    if not missing:
        return ""
    said = []
    for name in missing:
        cells = [c["id"] for c in _read(notebook) if name in _defined(c["source"])]
        why = f"cell {cells[-1]} has no line `#| export`" if cells else "no cell defines it"
        said.append(f"{name} ({why})")
    return f", without {', '.join(said)}"


def _parseable(source: str) -> str:
    """Return a cell, if need be without its commands; nothing if it is no Python even so."""
    for attempt in (source, _COMMAND.sub("", source)):
        try:
            compile(attempt, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError:
            continue
        return attempt
    return ""


def _futures(source: str) -> list[ast.ImportFrom]:
    nodes = ast.parse(_parseable(source)).body
    return [n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "__future__"]


def _without_future(source: str) -> str:
    lines = source.splitlines()
    for node in reversed(_futures(source)):
        del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def _imports(source: str) -> dict[str, str]:
    """Return, by the name that it binds, the import statement of each name that a cell imports."""
    found = {}
    for node in ast.parse(_parseable(source)).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                found[bound] = ast.unparse(ast.Import([alias]))
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            for alias in node.names:
                names = _public(node.module) if alias.name == "*" else [alias.name]
                for name in names:
                    one = ast.alias(name, alias.asname)
                    found[alias.asname or name] = ast.unparse(
                        ast.ImportFrom(node.module, [one], node.level)
                    )
    return found


def _public(module: str | None) -> list[str]:
    """Return the names that ``from module import *`` binds; none if there is no such module."""
    try:
        loaded = importlib.import_module(module or "")
    except ImportError:
        return []
    return list(getattr(loaded, "__all__", [n for n in vars(loaded) if not n.startswith("_")]))


def _defined(source: str) -> list[str]:
    """Return the functions and classes that a cell defines, none if it is no Python."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(_parseable(source)).body if isinstance(node, kinds)]


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
            f"{_still_there(trailer['origin'])}, {remedy}"
        )


def _still_there(origin: str) -> str:
    there = (PACKAGE.parent / origin).exists()
    return "Export that one" if there else "It is not there any more; give it its name back"


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
    compile(text, written.name, "exec", dont_inherit=True)
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
