"""What the grader has to say of a cell or of a notebook, kept in its metadata.

:func:`note` writes, :func:`noted` reads; the names below are the keys. It leans on nothing;
:mod:`.submission`, ``Execute``, the verdicts and the feedback lean on it.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

NOTES = "course"  # where notes are, in the metadata
NOTE = "note"  # what its student should know
WHY = "why"  # why a check failed, in words for its student
WHERE = "where"  # lines of the notebook in which an answer failed, innermost last
MET = "met"  # that the student's Python met hidden tests here
SAID = "said"  # what the grader, and nobody else, has to say
SEE = "see"  # why a person should look at the cell
DOUBT = "doubt"  # why a person should look at the check, if it fails
OF = "of"  # of a graded notebook: what was handed in, by its digest


def note(node: NotebookNode, key: str, said: Any) -> None:
    """Write a note, in place of one with the same key.

    Parameters
    ----------
    node : NotebookNode
        A cell, or a notebook.
    key : str
        What kind of note it is.
    said : str, bool or list
        The note.
    """
    node.metadata.setdefault(NOTES, NotebookNode())[key] = said


def noted(node: NotebookNode, key: str) -> Any:
    """Return a note, None if there is none.

    Parameters
    ----------
    node, key
        As :func:`note` takes them.
    """
    return node.metadata.get(NOTES, {}).get(key)
