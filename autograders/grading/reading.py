"""Read a file as a notebook, whatever wrote it: nothing that can be read is given up.

Editors, platforms and students write notebooks in other encodings, of other versions, with fields
that are missing or odd. :func:`read_notebook` takes any bytes and returns a notebook that is valid,
or says why there is none; :func:`read_file` also saves what it can of a damaged one. It leans on
nbformat and :mod:`.mending`; :mod:`.submission` has it run under limits, and whatever else reads a
notebook of a student's or of the course's uses it too.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.validator import isvalid

from autograders.grading import mending

DAMAGED = "damaged"  # the key of a notebook's metadata where it says what was wrong with its file
DEEP = 60  # levels of nesting below which nothing is kept; a notebook has ten
UNNAMED = "without-an-id-"  # how the ids begin that are given here
_LARGE = 8  # times the largest notebook: what may be read to leave the outputs out of it
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_MIME = re.compile(r"[^\s/]+/[^\s/]+\Z")
_KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown"}
_STREAMS = ("stdout", "stderr")
_OTHERS = {  # how files begin that are often handed in in place of a notebook
    b"PK\x03\x04": "a zip",
    b"\x1f\x8b": "a gzip",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"%PDF": "a PDF",
}
_PAGES = ("<!doctype", "<html")


class UnreadableNotebook(ValueError):
    """A file that is no notebook; the message is a sentence for the student."""


def read_notebook(content: bytes | str, max_size: int = 32, damaged: bool = False) -> NotebookNode:
    """Read a notebook of any version as version 4.5, keeping of it what is well formed.

    Text that is no Unicode (half of a surrogate pair) is replaced; what is nested too deeply, and
    what a notebook cannot hold, is left out. Of a file that is too large the outputs are left out.

    Parameters
    ----------
    content : bytes or str
        The file: UTF-8, UTF-16 or UTF-32, with a byte-order mark or without.
    max_size : int
        The largest notebook, in megabytes.
    damaged : bool
        Whether to read what can be read of a file that is nearly JSON. What was wrong with it then
        stands in the notebook's metadata, by the key ``DAMAGED``.

    Raises
    ------
    UnreadableNotebook
        If it is larger without its outputs too, no JSON, or has no cells.

    Examples
    --------
    >>> text = '{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["1", null]}]}'
    >>> read_notebook(text.encode("utf-16")).cells[0].source
    '1'
    >>> read_notebook("{")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    autograders...UnreadableNotebook: it is not JSON, or breaks off (line 1, column 2)
    """
    if len(content) > _LARGE * max_size * 2**20:
        raise UnreadableNotebook(f"it is larger than {_LARGE * max_size} megabytes")
    too_large = len(content) > max_size * 2**20
    found, wrong = _parse(_decode(content), damaged)
    cells, metadata = _cells_of(found)
    metadata.pop(DAMAGED, None)
    if wrong:
        metadata[DAMAGED] = wrong
    made = [new for cell in cells if (new := _cell(cell, too_large)) is not None]
    if sum(len(cell.source) for cell in made) > max_size * 2**20:
        raise UnreadableNotebook(f"it is larger than {max_size} megabytes")
    identify(made)
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=metadata, cells=made)
    if not isvalid(notebook):
        notebook.metadata = NotebookNode({DAMAGED: wrong} if wrong else {})
        for cell in notebook.cells:  # the rest of it is well formed
            marks = cell.metadata.get("nbgrader")
            cell.metadata = NotebookNode({"nbgrader": marks} if marks else {})
    return notebook


def read_file(path: str | Path, max_size: int = 32) -> NotebookNode:
    """Read a file, damaged or not, and no more of it than a notebook may have.

    Raises
    ------
    UnreadableNotebook
        Also if the file cannot be opened.
    """
    if not os.path.isfile(path):  # to open a pipe would take for ever
        raise UnreadableNotebook("there is no file of its name, or it is a folder")
    try:
        with open(path, "rb") as file:
            there = os.fstat(file.fileno()).st_size
            # Python reserves memory for what is asked for, not for what is there.
            content = file.read(min(there, _LARGE * max_size * 2**20) + 1)
    except OSError as error:
        raise UnreadableNotebook(f"the file cannot be opened ({error.strerror})") from None
    return read_notebook(content, max_size, damaged=True)


def _decode(content: bytes | str) -> str:
    """Return a file's text, its encoding told by its first bytes, as JSON has it."""
    text = content if isinstance(content, str) else _decoded(content)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise UnreadableNotebook("the file is empty")
    return text


def _decoded(content: bytes) -> str:
    for begin, kind in _OTHERS.items():
        if content.startswith(begin):
            raise UnreadableNotebook(f"it is not JSON, but {kind}")
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return content.decode(encoding, "replace")


def _parse(text: str, damaged: bool) -> tuple[Any, str]:
    """Return what a text says, and what was wrong with it if it was mended."""
    try:
        return _loads(text), ""
    except json.JSONDecodeError as error:
        for attempt, wrong in mending.attempts(text) if damaged else ():
            with suppress(ValueError, RecursionError):
                found = _loads(attempt)
                if isinstance(found, dict) and found.get("cells"):
                    return found, wrong
        page = text[:50].lstrip().lower().startswith(_PAGES)
        where = f"or breaks off (line {error.lineno}, column {error.colno})"
        raise UnreadableNotebook(f"it is not JSON, {'but a web page' if page else where}") from None
    except RecursionError:
        pass
    try:
        return _loads(_shallow(text)), ""
    except ValueError:
        raise UnreadableNotebook("it is not JSON, or nested too deeply") from None


def _loads(text: str) -> Any:
    """Parse JSON as Python writes and reads it, and no number that takes long to read."""
    return json.loads(
        text,
        parse_int=_integer,
        parse_float=_number,
        parse_constant=lambda name: None,
        strict=False,
    )


def _integer(text: str) -> int | None:
    return int(text) if len(text) < 20 else None


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _shallow(text: str) -> str:
    """Return JSON with null in place of whatever is nested too deeply."""
    kept, depth, begin = [], 0, 0
    for token in _TOKENS.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == DEEP + 1:
                kept.append(text[begin : token.start()])
        elif token[0] in ("]", "}"):
            depth -= 1
            if depth == DEEP:
                kept.append("null")
                begin = token.end()
    return "".join([*kept, text[begin:]]) if depth <= DEEP else "".join(kept)


def _cells_of(content: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the cells of a notebook of any version, and its metadata."""
    if not isinstance(content, dict):
        raise UnreadableNotebook("it is JSON, but no notebook")
    if "cells" not in content and isinstance(content.get("content"), dict):
        content = content["content"]  # as Jupyter's server answers when it is asked for a file
    version = content.get("nbformat")
    if "cells" not in content and isinstance(content.get("worksheets"), list) and version != 4:
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
        found = [sheet["cells"] for sheet in sheets if isinstance(sheet.get("cells"), list)]
        cells: Any = [cell for sheet in found for cell in sheet]
    else:
        cells = content.get("cells")
    if not isinstance(cells, list):
        raise UnreadableNotebook("it has no list of cells")
    metadata = content.get("metadata")
    return cells, _clean(metadata) if isinstance(metadata, dict) else {}


def _cell(cell: Any, without_outputs: bool) -> NotebookNode | None:
    """Return a cell with all of it that is well formed, None if it is none."""
    if not isinstance(cell, dict):
        return None
    named = cell.get("cell_type")
    kind = _KINDS.get(named.lower(), "raw") if isinstance(named, str) else _guess(cell)
    source = _source(cell)
    if named == "heading":
        level = _count(cell.get("level")) or 1
        source = f"{'#' * min(level, 6)} {source}"
    metadata = cell.get("metadata")
    metadata = _clean(metadata) if isinstance(metadata, dict) else NotebookNode()
    new = NotebookNode(cell_type=kind, id=cell.get("id"), metadata=metadata, source=source)
    if kind == "code":
        outputs = cell.get("outputs")
        outputs = outputs if isinstance(outputs, list) and not without_outputs else []
        new.outputs = [made for one in outputs for made in _output(one)]
        new.execution_count = _count(cell.get("execution_count", cell.get("prompt_number")))
    elif isinstance(attachments := cell.get("attachments"), dict) and not without_outputs:
        new.attachments = NotebookNode({_text(n): _bundle(v) for n, v in attachments.items()})
    return new


def _guess(cell: dict[str, Any]) -> str:
    return "code" if "outputs" in cell or "input" in cell else "raw"


def _source(cell: dict[str, Any]) -> str:
    """Return a cell's text, which versions before the fourth kept in other places."""
    for key in ("source", "input", "code", "text"):
        if key in cell:
            return _joined(cell[key])
    return ""


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _joined(value: Any) -> str:
    """Return text that may be kept line by line; '' for what is no text."""
    lines = value if isinstance(value, list) else [value]
    return _text("".join(line for line in lines if isinstance(line, str)))


def _text(value: str) -> str:
    """Return text in which a half of a surrogate pair is replaced, and two halves are joined."""
    try:
        value.encode()
        return value
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _clean(value: Any, depth: int = 0) -> Any:
    """Return JSON that can be written and read again by anything."""
    if depth > DEEP:
        return None
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return NotebookNode({_text(k): _clean(v, depth + 1) for k, v in value.items()})
    return value


def _bundle(value: Any) -> NotebookNode:
    """Return a bundle of MIME types: text, or JSON where the type says so."""
    bundle = NotebookNode()
    for name, data in value.items() if isinstance(value, dict) else ():
        if not _MIME.match(name):
            continue
        name = _text(name)
        if name == "application/json" or name.endswith("+json"):
            bundle[name] = _clean(data)
        elif isinstance(data, str | list):
            bundle[name] = _joined(data)
    return bundle


def _output(output: Any) -> Iterator[NotebookNode]:
    """Yield an output with what is well formed in it, if it is one."""
    if not isinstance(output, dict):
        return
    kind = output.get("output_type")
    metadata = output.get("metadata")
    about = {"metadata": _clean(metadata) if isinstance(metadata, dict) else NotebookNode()}
    if kind == "stream":
        name = output.get("name", output.get("stream"))
        name = name if name in _STREAMS else "stdout"
        yield NotebookNode(output_type=kind, name=name, text=_joined(output.get("text")))
    elif kind == "display_data":
        yield NotebookNode(output_type=kind, data=_bundle(_data(output)), **about)
    elif kind in ("execute_result", "pyout"):
        about["execution_count"] = _count(output.get("execution_count"))
        yield NotebookNode(output_type="execute_result", data=_bundle(_data(output)), **about)
    elif kind in ("error", "pyerr"):
        lines = output.get("traceback")
        yield NotebookNode(
            output_type="error",
            ename=_joined(output.get("ename")),
            evalue=_joined(output.get("evalue")),
            traceback=[_joined(line) for line in lines] if isinstance(lines, list) else [],
        )


# What versions before the fourth called the types that a notebook shows.
_OLD = {"text": "text/plain", "html": "text/html", "png": "image/png", "jpeg": "image/jpeg"}


def _data(output: dict[str, Any]) -> Any:
    if "data" in output:
        return output["data"]
    return {_OLD[name]: value for name, value in output.items() if name in _OLD}


def identify(cells: list[NotebookNode]) -> None:
    """Number the cells that have no id, or one that is malformed or that a cell above has."""
    taken: set[str] = set()
    free = (f"{UNNAMED}{number}" for number in itertools.count())
    for cell in cells:
        name = cell["id"]
        while not isinstance(name, str) or not _ID.match(name) or name in taken:
            name = next(free)
        cell["id"] = name
        taken.add(name)
