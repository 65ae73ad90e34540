"""Find, in what a student wrote, code that reaches for the machinery that runs the checks.

What code does when it runs is the business of :mod:`autograders.grading.sandbox.inside.guard`,
which stops it. This module reads a submission before (it runs nothing) and names the few things
that no answer needs and that nothing could stop: ways to the interpreter's inside by name.
:mod:`autograders.grading.proof` leans on it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager

from autograders.grading.sandbox.inside.guard import PRIVATE, RELIED_ON


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Modules that change, run or take apart the code of others, and the notebook's own machinery.
MACHINERY = _words(
    "IPython ipykernel jupyter_client jupyter_core nbclient nbconvert nbformat nbgrader comm zmq "
    "tornado traitlets debugpy builtins ctypes _ctypes cffi pkgutil runpy site code codeop dis "
    "opcode marshal linecache trace bdb rlcompleter faulthandler _thread atexit signal "
    "autograders forbiddenfruit"
)
_SYS = _words(
    "maxsize float_info int_info getsizeof version version_info stdin stdout stderr path platform "
    "byteorder argv executable exit getrecursionlimit setrecursionlimit exc_info getrefcount "
    "implementation prefix hexversion flags intern getdefaultencoding"
)
_IMPORTLIB = _words("reload metadata version")
_NAMES = _words("get_ipython __import__ __builtins__ __loader__ __spec__ __course__")
_LOOKS_UP = _words("attrgetter methodcaller")
_HIDDEN = re.compile(r"__(globals|closure|code|builtins|self|subclasses|getattribute|loader)__")
_DISPLAYS = _words(
    "display HTML Image Markdown Math Latex SVG Audio Video IFrame JSON Pretty clear_output"
)
_MAGICS = _words(
    "matplotlib time timeit pip conda pwd ls cd cat mkdir who whos who_ls pinfo pinfo2 precision "
    "pprint prun config load_ext reload_ext autoreload aimport capture env set_env writefile reset "
    "xmode history notebook pylab lsmagic magic html markdown latex javascript bash sh system"
)
_OF_CODE = _words("time timeit prun capture")


def findings(cells: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield what reaches for the machinery, as a cell's name and half a sentence.

    Parameters
    ----------
    cells : iterable of (str, str)
        Name and source of the code that students may write, in order.

    Examples
    --------
    >>> list(findings([("answer", "def double(x): return 2 * x")]))
    []
    >>> list(findings([("answer", "import numpy as np; np.allclose = print")]))
    [('answer', 'changes `np.allclose`')]
    >>> list(findings([("answer", "total.__globals__")]))
    [('answer', 'uses `total.__globals__`')]
    """
    trees = [(name, _parse(source)) for name, source in cells]
    imported = {
        alias.asname or alias.name.split(".")[0]: _origin(node, alias)
        for _, tree in trees
        if tree is not None
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for name, tree in trees:
        for found in _Reader(imported).read(tree) if tree is not None else ():
            yield name, found


def written(cells: Iterable[str]) -> Iterator[str]:
    """Yield the Python files that cells write with ``%%writefile``, as they will be."""
    for source in cells:
        if re.match(r"%%writefile\s+(?!-a)\S+\.py\s*\n", source):
            body = source.split("\n", 1)[1]
            yield body if body.endswith("\n") else body + "\n"


def _origin(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """Return the module that an import binds, or binds something of."""
    if isinstance(node, ast.ImportFrom):
        return node.module or ""
    return alias.name if alias.asname else alias.name.split(".")[0]


def _parse(source: str) -> ast.Module | None:
    """Return a cell's tree, its magics turned into calls; None if it is not Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Reader:
    """Reads trees with what a submission's imports bind in mind."""

    def __init__(self, imported: dict[str, str]) -> None:
        self.imported = imported

    def read(self, tree: ast.Module) -> Iterator[str]:
        """Yield what a cell does that no answer needs, as half a sentence."""
        allowed: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (body := _magic(node)) is not None:
                allowed |= {node.func, node.func.value.func}  # type: ignore[attr-defined]
                if inner := _parse(body):
                    yield from self.read(inner)
            elif isinstance(node, ast.Call):
                allowed |= {node.func} if _spelled_out(node) else set()
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
                allowed |= {n for n in node.comparators if ast.unparse(n).endswith("sys.modules")}
        for node in ast.walk(tree):
            if node not in allowed:
                yield from self._node(node)

    def _node(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Name):
            if node.id in _NAMES or node.id in _LOOKS_UP:
                yield f"uses `{node.id}`"
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from self._module(alias.name)
        elif isinstance(node, ast.ImportFrom) and not _is_display(node):
            yield from self._module(node.module or "")
            for alias in node.names:
                yield from self._part(node.module or "", alias.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if re.match(r"__array_(interface|struct)__\Z", node.name):
                yield f"defines `{node.name}`"
        elif isinstance(node, ast.Constant) and (found := _HIDDEN.search(str(node.value))):
            yield f"spells `{found[0]}`"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        text = f"`{ast.unparse(node)}`" if len(ast.unparse(node)) < 60 else f"`.{node.attr}`"
        root = _root(node)
        module = self.imported.get(root or "", "")
        if not isinstance(node.ctx, ast.Load) and module.split(".")[0] in RELIED_ON:
            yield f"changes {text}"
        elif PRIVATE.fullmatch(node.attr) or node.attr in _LOOKS_UP:
            yield f"uses {text}"
        elif isinstance(node.value, ast.Name) and root == node.value.id and module:
            for _ in self._part(module, node.attr):
                yield f"uses {text}"

    def _module(self, name: str) -> Iterator[str]:
        if name.split(".")[0] in MACHINERY or _is_private(name):
            yield f"imports `{name}`"

    def _part(self, module: str, name: str) -> Iterator[str]:
        """Yield a complaint if a part of a module is none of a student's business."""
        known = {"sys": _SYS, "importlib": _IMPORTLIB}.get(module)
        if known is not None and name not in known or PRIVATE.fullmatch(name) or _is_private(name):
            yield f"imports `{name}` from `{module}`"


def _is_private(name: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def _is_display(node: ast.ImportFrom) -> bool:
    """Return whether only ways to show things are imported from IPython."""
    names = {alias.name for alias in node.names}
    if node.module == "IPython":
        return names <= {"display"}
    return node.module in ("IPython.display", "IPython.core.display") and names <= _DISPLAYS


def _spelled_out(node: ast.Call) -> bool:
    """Return whether a call looks up names that can be read here, and may be looked up."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in _LOOKS_UP and all(
        isinstance(argument, ast.Constant)
        and not any(map(PRIVATE.fullmatch, str(argument.value).split(".")))
        for argument in node.args
    )


def _root(node: ast.AST) -> str | None:
    """Return the name at the bottom of a chain of attributes and indices."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _magic(node: ast.Call) -> str | None:
    """Return the code in a harmless magic or shell command, None if the call is neither."""
    if not (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and ast.unparse(node.func.value) == "get_ipython()"
        and all(isinstance(argument, ast.Constant) for argument in node.args)
    ):
        return None
    values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    if node.func.attr in ("system", "getoutput"):
        return ""
    if node.func.attr in ("run_line_magic", "run_cell_magic") and values[0] in _MAGICS:
        if values[0] == "writefile":
            return str(values[-1])
        return "\n".join(map(str, values[1:])) if values[0] in _OF_CODE else ""
    return None
