"""A lab as students get it: between the header and the footer that nbgrader puts around it.

What reads labs in a course's source asks here: the grader's ``Execute``, the preprocessor that puts
cells back, the batch and preflight. It leans on :mod:`.reading`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import nbformat
from nbgrader.preprocessors import IncludeHeaderFooter
from traitlets.config import Config

from autograders.grading.reading import identify, read_notebook


def framed(lab: str, config: Config, root: Path) -> str:
    """Return the text of a lab with the cells around it.

    Parameters
    ----------
    lab : str
        Its text in the source.
    config : Config
        The course's settings; ``c.IncludeHeaderFooter`` says what stands around it, if anything.
    root : Path
        The course's folder.
    """
    around = IncludeHeaderFooter(config=config)
    texts = [
        path.read_text(encoding="utf-8") if name and (path := root / name).is_file() else ""
        for name in (around.header, around.footer)
    ]
    return _together(texts[0], lab, texts[1]) if any(texts) else lab


@lru_cache(maxsize=8)
def _together(header: str, lab: str, footer: str) -> str:
    notebook = read_notebook(lab)
    above, below = (read_notebook(text).cells if text else [] for text in (header, footer))
    notebook.cells = [*above, *notebook.cells, *below]
    identify(notebook.cells)
    return nbformat.writes(notebook)
