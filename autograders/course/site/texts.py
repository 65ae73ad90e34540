"""The course's README files, cut into pages: what they say is written once, and shown twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

OPENING = ""  # what stands above the first heading


def sections(text: str, level: int = 2) -> dict[str, str]:
    r"""Return the text below each heading of a level, without the heading.

    What looks like a heading in an indented block of code is none.

    Examples
    --------
    >>> sections("Text.\n\n## One\n\n    code\n    ## no heading\n")
    {'': 'Text.', 'One': '    code\n    ## no heading'}
    """
    found: dict[str, list[str]] = {OPENING: []}
    heading, mark = OPENING, "#" * level + " "
    for line in text.splitlines():
        if line.startswith(mark):
            heading = line.removeprefix(mark).strip()
            found[heading] = []
        else:
            found[heading].append(line)
    return {heading: "\n".join(lines).strip("\n") for heading, lines in found.items()}


def parts(path: Path) -> dict[str, str]:
    """Return the text below each first-level heading of a Markdown file."""
    found = sections(path.read_text(encoding="utf-8"), level=1)
    return {heading: text for heading, text in found.items() if heading != OPENING}


def without(text: str, headings: Collection[str]) -> str:
    r"""Return a text without the sections that have these headings.

    Examples
    --------
    >>> without("Text.\n\n## One\n\n1\n\n## Two\n\n2", ["One"])
    'Text.\n\n## Two\n\n2'
    """
    found = sections(text)
    kept = [f"## {heading}\n\n{found[heading]}" for heading in found if heading not in headings]
    return "\n\n".join([found[OPENING], *kept[1:]])


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


def anchor(heading: str) -> str:
    """Return the name by which links lead to a heading, as GitHub and Sphinx make it.

    Examples
    --------
    >>> anchor("On a Mac, or Windows")
    'on-a-mac-or-windows'
    """
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def led(text: str, places: Mapping[str, str]) -> str:
    """Return a text whose links to headings of its file lead to where these are shown.

    Examples
    --------
    >>> led("See [Limits](#limits).", {"limits": "/instructors/any_course.md#limits"})
    'See [Limits](/instructors/any_course.md#limits).'
    """
    return re.sub(r"\]\(#([^)]*)\)", lambda link: f"]({places[link[1]]})", text)
