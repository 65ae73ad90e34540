"""The course's README files, cut into pages: what they say is written once, and shown twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

OPENING = ""  # what stands above the first section


def sections(path: Path) -> dict[str, str]:
    r"""Return the text below each second-level heading of a Markdown file, without the heading.

    What looks like a heading in a block of code is none.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w+", suffix=".md") as file:
    ...     _ = file.write("# Title\n\nText.\n\n## One\n\n    code\n    ## no heading\n")
    ...     _ = file.seek(0)
    ...     sections(Path(file.name))
    {'': 'Text.', 'One': '    code\n    ## no heading'}
    """
    found: dict[str, list[str]] = {OPENING: []}
    heading = OPENING
    for line in _below_title(path):
        if line.startswith("## "):
            heading = line.removeprefix("## ").strip()
            found[heading] = []
        else:
            found[heading].append(line)
    return {heading: "\n".join(lines).strip("\n") for heading, lines in found.items()}


def _below_title(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    yield from lines[1:] if lines and lines[0].startswith("# ") else lines


def as_page(title: str, text: str) -> str:
    r"""Return a section as a page: its heading is the title, those below it are one level higher.

    Examples
    --------
    >>> print(as_page("Tools", "Text.\n\n### On a Mac\n\nMore."))
    # Tools
    <BLANKLINE>
    Text.
    <BLANKLINE>
    ## On a Mac
    <BLANKLINE>
    More.
    """
    return f"# {title}\n\n" + re.sub(r"^##(#+ )", r"#\1", text, flags=re.MULTILINE)
