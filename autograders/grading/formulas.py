r"""Formulas as MathML, which browsers lay out and read aloud: no script, no font to be fetched.

:func:`mathml` makes it of one formula, :func:`typeset` of text with formulas, as SymPy shows. What
cannot be made MathML is left to the caller, who shows it as it was written. latex2mathml reads the
LaTeX; of what it makes only elements and attributes that lay a formula out are taken, since LaTeX
can ask for links, classes, colours, and for text a page further up. :mod:`.markdown` leans on it,
and lets through the elements in :data:`ELEMENTS` and what :func:`attribute` allows.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from xml.etree.ElementTree import Element

from autograders.grading.limited import OutOfPatience
from autograders.grading.macros import Macros, Unread

LONGEST = 5_000  # characters of a formula
MOST, DEEPEST = 2_000, 40  # its elements, and levels of them
_LONG = 40  # characters that a phone's line may not hold
_LAY_OUT = (
    "math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover"
)
_HOW = (
    "accent columnalign display displaystyle fence form linethickness lspace mathvariant maxsize "
    "minsize movablelimits notation rspace scriptlevel separator stretchy width"
)
ELEMENTS, _ATTRIBUTES = frozenset(_LAY_OUT.split()), frozenset(_HOW.split())
_ONLY_OF = {"width": "mspace", "lspace": "mo", "rspace": "mo"}
# Words, numbers and lengths; none so long that it could cover what is not the formula's.
_VALUE = re.compile(r"[a-z]+(?: [a-z]+)?|-?0?\.\d{1,3}em|\d(?:\.\d{1,3})?(?:em|ex|pt|px)?")
# Commands by which a few letters become millions.
_MULTIPLIES = re.compile(
    r"\\(?:def|newcommand|newenvironment|DeclareMathOperator|sideset)(?![a-zA-Z])"
)
# What latex2mathml does not know, and the like that it knows: one of TeX's functions, `$` in text.
_LIKE = (
    (re.compile(r"\\arg(?![a-zA-Z])"), r"\\operatorname{arg}"),
    (re.compile(r"\\text(?=\s*\{[^{}$]*\$)"), r"\\hbox"),
)
_NOT_SHOWN = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![a-zA-Z])")
# Environments that latex2mathml does not know, or would number; in "rcl" it knows the alignment.
_ALIKE = {
    **dict.fromkeys(("align", "aligned", "alignedat", "alignat", "flalign", "split"), "align*"),
    **dict.fromkeys(("gather", "gathered", "multline"), "displaylines"),
    **dict.fromkeys(("equation", "displaymath", "math"), ""),
    "dcases": "cases",
    "eqnarray": "array",
}
_ENVIRONMENT = re.compile(rf"\\(begin|end)\s*{{({'|'.join(_ALIKE)})\*?}}")
_BEGIN = re.compile(r"\\begin\s*\{([^{}]*)\}")
_NUMBER_OF_COLUMNS = re.compile(r"(\\begin\s*\{(?:alignat|alignedat)\*?\})\s*\{\d*\}")
_SPACES = {
    f"{sign}{name}mathspace": f"{'-' if sign else ''}{width}em"
    for sign in ("", "negative")
    for name, width in (("thin", ".167"), ("medium", ".222"), ("thick", ".278"))
}
_PARTS = {
    **dict.fromkeys(("mfrac", "mover", "mroot", "msub", "msup", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_BELOW = {"msub": "munder", "msubsup": "munderover"}
_RANGING = {"argmax", "argmin", "det", "gcd", "inf", "lim", "max", "min", "sup", "Pr"}
_TAG = re.compile(r"<[^>]*>")
_COMMAND = re.compile(r"\\[a-zA-Z]|&#xNone")
_FORMULA = re.compile(
    r"(?<!\\)(?:\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|"
    r"(?P<c>\\begin\{(?P<name>\w+\*?)\}.+?\\end\{(?P=name)\})|"
    r"\$(?P<d>(?:\\.|[^$\\])+)\$|\\\((?P<e>.+?)\\\))",
    re.DOTALL,
)


class _Unknown(ValueError):
    """It is no formula that can be shown as MathML."""


def mathml(latex: str, display: bool = False, macros: Macros | None = None) -> str | None:
    r"""Return a formula as MathML, or None if it cannot be.

    Parameters
    ----------
    latex : str
        What stands between the signs that begin and end a formula, or an environment.
    display : bool
        Whether it stands in a line of its own.
    macros : Macros, optional
        Those of the page, to which its own are added.

    Examples
    --------
    >>> mathml("x^2")
    '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    >>> mathml(r"\text{<b>}")
    '<math display="inline"><mrow><mtext>&lt;b&gt;</mtext></mrow></math>'
    >>> mathml(r"\nosuchcommand{x}")
    """
    # These take a tenth of a second, and every command reads the settings, which lead here.
    from latex2mathml.commands import MATRICES
    from latex2mathml.converter import convert_to_element

    if len(latex) > LONGEST:
        return None
    if macros is not None:
        try:
            latex = macros.applied(latex)
        except Unread:
            return None
        if not latex.strip():  # there were definitions alone
            return '<math display="inline"><mrow></mrow></math>'
    if _MULTIPLIES.search(latex):
        return None
    latex = _NOT_SHOWN.sub("", latex)
    for unknown, known in _LIKE:
        latex = unknown.sub(known, latex)
    latex = _ENVIRONMENT.sub(_alike, _NUMBER_OF_COLUMNS.sub(r"\1", latex))
    if not {rf"\{name}" for name in _BEGIN.findall(latex)} <= {*MATRICES}:
        return None
    how = "block" if display else "inline"
    try:
        tree = convert_to_element(latex, display=how)
        if any(space.get("linebreak") for space in tree.iter("mspace")):  # in no environment
            latex = rf"\begin{{displaylines}}{latex}\end{{displaylines}}"
            tree = convert_to_element(latex, display=how)
        _space_names(tree)
        return "".join(_written(tree))
    except OutOfPatience:
        raise
    except Exception:  # whatever it stumbles over, for everything may stand between two dollars
        return None


def scrolled(latex: str, display: bool = False, macros: Macros | None = None) -> str | None:
    """Return a formula as MathML, in a frame if it may be wider than the page, or None."""
    made = mathml(latex, display, macros)
    if made is None or not (display or len(html.unescape(_TAG.sub("", made))) > _LONG):
        return made
    return f'<span class="wide">{made}</span>'


def typeset(latex: str) -> str | None:
    r"""Return text with formulas in LaTeX as HTML, or None if there is a formula that cannot be.

    Examples
    --------
    >>> typeset(r"$x$ < \$5")
    '<math display="inline"><mrow><mi>x</mi></mrow></math> &lt; $5'
    >>> typeset("no formula")
    """
    made, end = [], 0
    if len(latex) > 4 * LONGEST:
        return None
    for found in _FORMULA.finditer(latex):
        formula = next(filter(None, found.group("a", "b", "c", "d", "e")))
        shown = scrolled(formula, display=found.group("d", "e") == (None, None))
        if shown is None:
            return None
        made += [_plain(latex[end : found.start()]), shown]
        end = found.end()
    return "".join([*made, _plain(latex[end:])]) if made else None


def _plain(text: str) -> str:
    return html.escape(text.replace(r"\$", "$"))


def attribute(tag: str, name: str, value: str) -> bool:
    """Return whether an element of a formula may have an attribute with this value.

    Examples
    --------
    >>> attribute("mspace", "width", ".167em"), attribute("mspace", "width", "-30em")
    (True, False)
    """
    known = name in _ATTRIBUTES and tag == _ONLY_OF.get(name, tag)
    return known and _VALUE.fullmatch(value) is not None


def _alike(found: re.Match[str]) -> str:
    """Return the beginning or the end of the environment that stands for one."""
    name = _ALIKE[found[2]]
    if not name:
        return ""
    columns = "{rcl}" if found.group(1, 2) == ("begin", "eqnarray") else ""
    return rf"\{found[1]}{{{name}}}{columns}"


def _space_names(tree: Element) -> None:
    r"""Set names of functions off from letters and numbers, and what they range over below them.

    Examples
    --------
    >>> print(mathml(r"2 \log x"))
    <math display="inline"><mrow><mn>2</mn><mo lspace=".167em"
    rspace=".167em">log</mo><mi>x</mi></mrow></math>
    """
    signs = [element for element in tree.iter() if element.tag in ("mi", "mn", "mo", "mtext")]
    around = zip([None, *signs], signs, [*signs[1:], None], strict=False)
    for before, name, after in around:
        if len(text := name.text or "") > 1 and text.isalpha() and name.tag != "mtext":
            for side, sign in (("lspace", before), ("rspace", after)):
                name.set(side, "0" if sign is None or sign.tag == "mo" else ".167em")
            name.tag = "mo"
    for element in tree.iter():
        base = element[0] if element.tag in _BELOW else None
        if base is not None and (base.text in _RANGING or base.get("movablelimits")):
            element.tag = _BELOW[element.tag]
            base.set("movablelimits", "true")


def _written(tree: Element) -> Iterator[str]:
    """Yield the tags and the text of a formula, innermost too.

    Raises
    ------
    _Unknown
        If there is something in it that cannot be shown, or too much.
    """
    count = 0

    def write(element: Element, level: int) -> Iterator[str]:
        nonlocal count
        count += 1
        if element.tag not in ELEMENTS or level > DEEPEST or count > MOST:
            raise _Unknown
        about = {name: _SPACES.get(value, value) for name, value in element.attrib.items()}
        text = _text(element.text or "", element.tag, about)
        allowed = partial(attribute, element.tag)
        kept = "".join(f' {key}="{value}"' for key, value in about.items() if allowed(key, value))
        yield f"<{element.tag}{kept}>{html.escape(text, quote=False)}"
        parts = _PARTS.get(element.tag, len(element))
        if len(element) < parts:
            raise _Unknown
        more = len(element) - parts  # a matrix with brackets, in place of one thing
        yield "<mrow>" if more else ""
        for place, inner in enumerate(element):
            yield from write(inner, level + 1)
            yield "</mrow>" if more and place == more else ""
        yield f"</{element.tag}>"

    return write(tree, 1)


def _text(written: str, tag: str, about: dict[str, str]) -> str:
    r"""Return an element's text, symbols in the letters of their font: browsers know no other way.

    Examples
    --------
    >>> _text("&#x003B8;", "mi", {"mathvariant": "bold-italic"})
    '𝜽'
    """
    if _COMMAND.search(written) or (written == "&" and tag != "mtext"):
        raise _Unknown  # a command that it does not know, or a column outside of a table
    text = html.unescape(written.replace("~", "\xa0"))
    if tag == "mtext":
        return re.sub(r"\\([_%#$&{}])", r"\1", text)
    if about.get("mathvariant", "normal") != "normal":
        style = _STYLES.get(about.pop("mathvariant"), ())
        return "".join(_styled(sign, style) for sign in text)
    return text


_STYLES: Mapping[str, Sequence[str]] = {
    "bold": ("BOLD",),
    "italic": ("ITALIC",),
    "bold-italic": ("BOLD ITALIC",),
    "double-struck": ("DOUBLE-STRUCK",),
    "script": ("SCRIPT",),
    "fraktur": ("FRAKTUR", "BLACK-LETTER"),
    "sans-serif": ("SANS-SERIF",),
    "sans-serif-italic": ("SANS-SERIF ITALIC",),
    "monospace": ("MONOSPACE",),
}


def _styled(sign: str, styles: Sequence[str]) -> str:
    """Return a letter or digit in a font of mathematics, or as it is where Unicode has none."""
    name = re.sub("LATIN |GREEK | LETTER", "", unicodedata.name(sign, ""))
    for before in ("MATHEMATICAL ", ""):  # some had been there before the others
        for style in styles:
            try:
                return unicodedata.lookup(f"{before}{style} {name}")
            except KeyError:
                continue
    return sign
