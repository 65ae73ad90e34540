"""Formulas as MathML, made while the site is built: no script, no font and no request for them.

An extension of Sphinx. Browsers lay MathML out themselves, and read it aloud.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from autograders.grading.formulas import mathml


def setup(app: Sphinx) -> dict[str, Any]:
    """Make ``mathml`` a renderer of formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(_made(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    # Wider than a phone, it is scrolled; what is scrolled has to be reached with the keys.
    formula = _made(node.astext(), display=True)
    writer.body.append(f'<div class="math" tabindex="0" role="group">{formula}</div>\n')
    raise nodes.SkipNode


def _made(latex: str, display: bool = False) -> str:
    made = mathml(latex, display)
    if made is None:
        raise ValueError(f"no MathML can be made of {latex}")
    return made
