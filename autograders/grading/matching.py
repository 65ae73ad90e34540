"""Find a lab's cells in what was handed in, also where their marks are gone.

nbgrader knows a cell by the mark in its metadata. Editors and platforms drop those, and students
copy, move and merge cells. :func:`match` goes by the mark, then by the cell's id, its text, the
names that it binds, and at last by its place between cells that were found.
:func:`written_beside` finds an answer in words that was not written where it was asked for.
:class:`.submission.RestoreCells` leans on it; it leans on nothing but the cells, and the same cells
give the same result.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograders.grading.judge.names import plain_python
from autograders.grading.judge.parts import BEGIN, END
from autograders.grading.limited import Overrun, limited

MARK, ID, TEXT, NAMES, PLACE = "mark", "id", "text", "names", "place"
_BINDS = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)", re.MULTILINE)
_SECONDS = 5  # in which it has to turn out whether a cell is code


@dataclass(frozen=True)
class Known:
    """A cell of the lab.

    Attributes
    ----------
    name : str or None
        Its grade id, if nbgrader knows it.
    id, kind, source : str
        As students got it; an id of '' is unknown.
    answer : bool
        Whether students write into it.
    """

    name: str | None
    id: str
    kind: str
    source: str
    answer: bool

    @property
    def in_words(self) -> bool:
        """Whether it is for an answer in words."""
        return self.answer and self.kind == "markdown"


@dataclass
class Match:
    """Which cell of the lab is which of a submission.

    Attributes
    ----------
    places : dict of int to int
        By the place in the lab: the place in the submission.
    how : dict of int to str
        By the place in the lab: one of ``MARK``, ``ID``, ``TEXT``, ``NAMES``, ``PLACE``.
    rivals : dict of int to list of int
        By the place in the lab: other cells with the same mark in which something else was written.
    """

    places: dict[int, int] = field(default_factory=dict)
    how: dict[int, str] = field(default_factory=dict)
    rivals: dict[int, list[int]] = field(default_factory=dict)

    def add(self, known: int, place: int, how: str) -> None:
        """Note that a cell was found."""
        self.places[known], self.how[known] = place, how

    def between(self, known: int, end: int) -> range:
        """Return the places between the cells found before and after one; empty if they crossed."""
        before = max((number for number in self.places if number < known), default=None)
        after = min((number for number in self.places if number > known), default=None)
        return range(
            -1 if before is None else self.places[before],
            end if after is None else self.places[after],
        )[1:]


def match(lab: Sequence[Known], cells: Sequence[NotebookNode]) -> Match:
    """Find a lab's cells among others.

    Parameters
    ----------
    lab : sequence of Known
        In order.
    cells : sequence of NotebookNode
        What was handed in, with nbgrader's marks where they are left.
    """
    found = Match()
    _by_mark(lab, cells, found)
    _by_id(lab, cells, found)
    _by_text(lab, cells, found)
    _by_names(lab, cells, found)
    _by_place(lab, cells, found)
    return found


def visible(source: str, begin: str = BEGIN, end: str = END) -> str:
    r"""Return a check without its hidden part.

    Examples
    --------
    >>> visible("assert a\n### BEGIN HIDDEN TESTS\nassert b\n### END HIDDEN TESTS")
    'assert a'
    """
    lines, hidden = [], False
    for line in source.split("\n"):
        if begin in line:
            hidden = True
        elif end in line:
            hidden = False
        elif not hidden:
            lines.append(line)
    return "\n".join(lines)


def mark_of(cell: NotebookNode) -> str | None:
    """Return the grade id that a cell bears."""
    marks = cell.get("metadata", {}).get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else None


def text_of(source: str) -> str:
    """Return what counts when texts are compared: not the ends of lines, nor blank ones."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def written_beside(
    lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match, known: int
) -> list[str]:
    """Return what a student wrote around the cell of an answer in words, but not in it.

    Prose in cells of their own between the lab's cells before and after it, comments in such cells
    of code, and lines that were added to the question above.
    """
    taken = {place: number for number, place in found.places.items()}
    before = max((number for number in found.places if number < known), default=None)
    after = min((number for number in found.places if number > known), default=None)
    begin = 0 if before is None else found.places[before]
    end = len(cells) if after is None else found.places[after]
    own = [p for p in range(begin, end) if p not in taken and text_of(cells[p].source)]
    words = dict(zip(own, _are_words([cells[place] for place in own]), strict=True))
    texts = []
    for place in range(begin, end):
        cell = cells[place]
        if words.get(place):
            texts.append(cell.source.strip())
        elif taken.get(place) == before and before is not None and not lab[before].answer:
            texts += _added(lab[before], cell)
    return texts


def is_empty(answer: Known, source: str) -> bool:
    """Return whether a cell of code is as it was released, or lacks what the answer defines."""
    as_released = text_of(source) in ("", text_of(answer.source))
    return as_released or not _binds(answer.source) <= _binds(source)


def written_into(cell: Known, source: str, answers: Sequence[Known]) -> bool:
    r"""Return whether a cell that is not an answer's was changed so that it holds one of them.

    Parameters
    ----------
    cell : Known
        Of the lab.
    source : str
        What was handed in in it.
    answers : sequence of Known
        That were not written into their own cells.

    Examples
    --------
    >>> check = Known("check", "", "code", "assert f() == 1", False)
    >>> stub = Known("f", "", "code", "def f():\n    raise NotImplementedError", True)
    >>> written_into(check, "def f():\n    return 1\nassert f() == 1", [stub])
    True
    >>> written_into(check, "assert True", [stub])
    False
    """
    new = _binds(source) - _binds(cell.source)
    return bool(new) and any(_binds(answer.source) <= new for answer in answers)


def own_words(lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match) -> list[int]:
    """Return the places of prose that is the student's own, wherever it stands."""
    taken, texts = {*found.places.values()}, {text_of(known.source) for known in lab}
    return [
        place
        for place, cell in enumerate(cells)
        if place not in taken and cell.cell_type != "code" and text_of(cell.source) not in texts
        if text_of(cell.source)
    ]


def _by_mark(lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match) -> None:
    """Go by nbgrader's marks; of copies the last counts in which something was written."""
    marked = defaultdict(list)
    for place, cell in enumerate(cells):
        if name := mark_of(cell):
            marked[name].append(place)
    for number, known in enumerate(lab):
        places = marked.get(known.name or "", [])
        if not places:
            continue
        released = text_of(known.source)
        written = [p for p in places if text_of(cells[p].source) not in ("", released)]
        chosen = (known.answer and written or places)[-1]
        found.add(number, chosen, MARK)
        texts = {text_of(cells[place].source) for place in written}
        if known.answer and len(texts) > 1:
            found.rivals[number] = [place for place in written if place != chosen]


def _by_id(lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match) -> None:
    by_id = {cell.get("id"): place for place, cell in enumerate(cells)}
    taken = {*found.places.values()}
    for number, known in enumerate(lab):
        place = by_id.get(known.id) if known.id and number not in found.places else None
        if place is not None and place not in taken:
            found.add(number, place, ID)
            taken.add(place)


def _by_text(lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match) -> None:
    """Go by the text, first where it is unmistakable, then where it stands in order."""
    keys = [text_of(known.source) for known in lab]
    taken = {*found.places.values()}
    places = defaultdict(list)
    for place, cell in enumerate(cells):
        if place not in taken:
            places[text_of(cell.source)].append(place)
    wanted = [number for number, key in enumerate(keys) if key and number not in found.places]
    often = Counter(keys[number] for number in wanted)
    for number in wanted:
        if often[keys[number]] == len(places[keys[number]]) == 1:
            found.add(number, places[keys[number]][0], TEXT)
    for number in wanted:
        if number in found.places or not places[keys[number]]:
            continue
        taken = {*found.places.values()}
        inside = found.between(number, len(cells))
        fitting = [place for place in places[keys[number]] if place in inside]
        if fitting and fitting[0] not in taken:
            found.add(number, fitting[0], TEXT)


def _by_names(lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match) -> None:
    """Go by what code binds: the last cell that binds all that the answer should."""
    bound: dict[int, set[str]] | None = None
    for number, known in enumerate(lab):
        names = _binds(known.source)
        if number in found.places or not known.answer or known.kind != "code" or not names:
            continue
        taken = {*found.places.values()}
        if bound is None:
            bound = {p: _binds(cell.source) for p, cell in enumerate(cells)}
        fitting = [p for p in bound if p not in taken and names <= bound[p]]
        if fitting:
            found.add(number, fitting[-1], NAMES)


def _by_place(lab: Sequence[Known], cells: Sequence[NotebookNode], found: Match) -> None:
    """Go by the place, where as many answers are looked for as there are cells for them."""
    gaps: dict[range, list[int]] = defaultdict(list)
    for number, known in enumerate(lab):
        if known.answer and number not in found.places:
            gaps[found.between(number, len(cells))].append(number)
    taken = {*found.places.values()}
    for inside, numbers in gaps.items():
        for words in (True, False):
            sought = [number for number in numbers if lab[number].in_words == words]
            there = [
                place
                for place in inside
                if place not in taken and (cells[place].cell_type != "code") == words
                if text_of(cells[place].source)
            ]
            if len(sought) == len(there):
                for number, place in zip(sought, there, strict=True):
                    found.add(number, place, PLACE)


def _binds(source: str) -> set[str]:
    r"""Return the names that code binds at its top.

    Examples
    --------
    >>> sorted(_binds("def f(x):\n    y = 1\nclass C: pass\nz = 2"))
    ['C', 'f', 'z']
    """
    return {first or second for first, second in _BINDS.findall(source)}


def _are_words(cells: Sequence[NotebookNode]) -> list[bool]:
    """Return which cells are prose: no code, or comments and texts alone, or no Python."""
    words = [cell.cell_type != "code" or _is_comment(cell.source) for cell in cells]
    code = [number for number, is_words in enumerate(words) if not is_words]
    if code:
        with suppress(Overrun):  # then none of them is
            said = limited(lambda: [_is_prose(cells[number].source) for number in code], _SECONDS)
            for number, is_words in zip(code, said, strict=True):
                words[number] = is_words
    return words


def _is_comment(source: str) -> bool:
    lines = (line.strip() for line in source.splitlines())
    return all(line.startswith("#") for line in lines if line)


def _is_prose(source: str) -> bool:
    """Return whether code shows texts alone, or is no Python; call it in a child of `limited`."""
    try:
        return _says_only(ast.parse(plain_python(source)))
    except SyntaxError:
        return True
    except (ValueError, RecursionError, MemoryError):
        return False


def _says_only(tree: ast.Module) -> bool:
    """Return whether code does nothing but to show texts.

    Examples
    --------
    >>> _says_only(ast.parse("print('Rounding', 'hides.')")), _says_only(ast.parse("print(x)"))
    (True, False)
    """

    def is_text(value: ast.expr) -> bool:
        if isinstance(value, ast.Call):
            named = isinstance(value.func, ast.Name) and value.func.id == "print"
            return named and bool(value.args) and all(map(is_text, value.args))
        return isinstance(value, ast.Constant) and isinstance(value.value, str)

    return all(isinstance(node, ast.Expr) and is_text(node.value) for node in tree.body)


def _added(known: Known, cell: NotebookNode) -> list[str]:
    """Return what a student wrote into a cell of prose that is not theirs."""
    if known.kind != "markdown":
        return []
    released = {line.strip() for line in known.source.splitlines()}
    added = [line for line in cell.source.splitlines() if line.strip() not in released]
    text = "\n".join(added).strip()
    return [text] if text else []
