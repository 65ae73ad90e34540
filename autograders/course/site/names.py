"""Names that a package offers lead to the page of the module that defines them.

An extension of Sphinx. Docstrings name things as their readers import them:
``tinytorch.language.Kind``, whose page is that of ``tinytorch.language.grammar``. Long names are
broken where their parts end. What stands in quotes in a docstring is Python's, and keeps them.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Look for a name where it comes from; break headings and links at their dots."""
    app.connect("missing-reference", _resolve)
    app.connect("html-page-context", _break)
    app.connect("source-read", _quote)
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _resolve(app: Sphinx, env: Any, node: Any, content: nodes.TextElement) -> Any:
    target = defined_as(node["reftarget"])
    if node.get("refdomain") != "py" or target is None:
        return None
    python = env.get_domain("py")
    return python.resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], target, node, content
    )


def _break(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    if "body" in context:
        context["body"] = re.sub(r"<h1>[\w.]+", lambda found: at_dots(found[0]), context["body"])
    for side in ("prev", "next"):
        if context.get(side):
            context[side] = {**context[side], "title": at_dots(context[side]["title"])}


def _quote(app: Sphinx, page: str, source: list[str]) -> None:
    app.config.smartquotes = not page.startswith("reference/tinytorch")


def _skip(app: Sphinx, kind: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    # The fields of a named tuple, of which Python says nothing but their number.
    return True if str(member.__doc__).startswith("Alias for field number") else None


def at_dots(text: str) -> str:
    """Return HTML in which names with dots may be broken after each.

    Examples
    --------
    >>> at_dots("tinytorch.core.layers"), at_dots("Done. Next")
    ('tinytorch.<wbr>core.<wbr>layers', 'Done. Next')
    """
    return re.sub(r"(?<=\w)\.(?=\w)", ".<wbr>", text)


def defined_as(name: str) -> str | None:
    """Return the full name of what a loaded module offers under a name, if it is another one.

    Examples
    --------
    >>> import tinytorch
    >>> defined_as("tinytorch.Linear")
    'tinytorch.core.layers.Linear'
    >>> defined_as("tinytorch.core.layers.Linear"), defined_as("tinytorch.nothing")
    (None, None)
    """
    package, _, last = name.rpartition(".")
    offered: Any = getattr(sys.modules.get(package), last, None)
    if getattr(offered, "__module__", package) == package:
        return None
    return f"{offered.__module__}.{offered.__qualname__}"
