"""A table that a platform exported: :class:`Table` fills cells, and leaves every other byte.

Learning platforms know their tables again by columns, ids and encodings, and some by more. So the
text is never taken apart and put together: a cell is known by where it stands, and only there is
something else written.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

_SEPARATORS = ",;\t"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


class TableError(ValueError):
    """A table that cannot be read or filled; the message says why."""


@dataclass(frozen=True)
class Cell:
    """What a cell says, and where in the text it stands, quotation marks and all."""

    text: str
    begin: int
    end: int


class Table:
    r"""A table as a platform exported it.

    Parameters
    ----------
    content : bytes
        Cells are separated by commas, semicolons or tabs. Letters are UTF-8, UTF-16 with a
        byte-order mark, or Windows-1252.

    Raises
    ------
    TableError
        If it cannot be read.

    Examples
    --------
    >>> table = Table(b'\xef\xbb\xbfName;Grade\r\n"King, Ada";\r\n')
    >>> table.filled({(1, 1): "7"})
    b'\xef\xbb\xbfName;Grade\r\n"King, Ada";7\r\n'
    """

    def __init__(self, content: bytes) -> None:
        mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
        self._mark = mark
        self._encoding, text = _decoded(content[len(mark) :], _MARKS.get(mark))
        self._text = text
        self._separator = _separator(text)
        self.rows = list(_rows(text, self._separator))
        if not any(cell.text.strip() for row in self.rows for cell in row):
            raise TableError("the table is empty")

    def text(self, row: int, column: int) -> str:
        """Return what a cell says, nothing if the row is shorter."""
        cells = self.rows[row]
        return cells[column].text if column < len(cells) else ""

    def filled(self, changes: Mapping[tuple[int, int], str]) -> bytes:
        """Return the table with other texts in some cells, given by row and column.

        Raises
        ------
        TableError
            If there is no such cell, or a text has a letter that the table's encoding lacks.
        """
        pieces, done = [], 0
        for (row, column), text in sorted(changes.items()):
            if row >= len(self.rows) or column >= len(self.rows[row]):
                raise TableError(f"row {row + 1} of the table has no column {column + 1}")
            cell = self.rows[row][column]
            quoted = self._text[cell.begin : cell.begin + 1] == '"'
            if quoted or re.search(rf'["\r\n{self._separator}]', text):
                text = '"' + text.replace('"', '""') + '"'
            pieces += [self._text[done : cell.begin], text]
            done = cell.end
        whole = "".join([*pieces, self._text[done:]])
        try:
            return self._mark + whole.encode(self._encoding)
        except UnicodeEncodeError as error:
            raise TableError(f"the table's {self._encoding} has no letter for {error}") from None


def no_formula(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> no_formula("=1+1"), no_formula("ada")
    ("'=1+1", 'ada')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _decoded(content: bytes, encoding: str | None) -> tuple[str, str]:
    tried = [encoding] if encoding else ["utf-8", "cp1252"]
    for one in tried:
        try:
            return one, content.decode(one)
        except UnicodeDecodeError:
            continue
    raise TableError(f"the table is no {' and no '.join(tried)}: export it again")


def _separator(text: str) -> str:
    """Return what separates cells: what is most often in the first line, outside quotation."""
    lines = [line for line in text.splitlines() if line.strip()]
    first = re.sub(r'"[^"]*"', "", lines[0]) if lines else ""
    return max(_SEPARATORS, key=first.count)


def _rows(text: str, separator: str) -> list[list[Cell]]:
    """Return the cells of each row; a row ends at a line's end that is not quoted."""
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    cell = re.compile(rf'(?:"((?:[^"]|"")*)")?([^\r\n{separator}]*)')
    place = 0
    while place < len(text):
        begin = place
        match = cell.match(text, place)
        assert match is not None  # it may be empty
        if match[2].startswith('"') and match[1] is None:
            line = text[:place].count("\n") + 1
            raise TableError(f"line {line}: a quotation mark is missing")
        place = match.end()
        said = (match[1] or "").replace('""', '"') + match[2]
        row.append(Cell(said, begin, place))
        if place == len(text):
            break
        if text[place] == separator:
            place += 1
            if place == len(text) or text[place] in "\r\n":
                row.append(Cell("", place, place))
            else:
                continue
        if text[place : place + 2] == "\r\n":
            place += 2
        else:
            place += 1
        rows.append(row)
        row = []
    if row:
        rows.append(row)
    return rows
