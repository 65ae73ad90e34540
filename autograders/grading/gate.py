"""Find, in what a student wrote, code that reaches for the machinery that runs the checks.

A check runs in the same Python as the answer it checks, and Python lets code there change anything:
the parser, `assert`, ``numpy``, the meaning of ``==``. No answer to a lab needs that. This module
reads a submission (it runs nothing) and names what it finds; :mod:`autograders.grading.proof` leans
on it and on probes of the running kernel, for neither is enough alone.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec

from IPython.core.inputtransformer2 import TransformerManager


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Modules whose purpose is to change, to watch or to outlive the code that runs.
MACHINERY = _words(
    "IPython ipykernel jupyter_client jupyter_core nbclient nbconvert nbformat nbgrader comm zmq "
    "tornado traitlets debugpy builtins ctypes _ctypes cffi gc inspect importlib imp pkgutil runpy "
    "site ast code codeop dis opcode marshal tokenize token linecache trace bdb pdb "
    "tracemalloc faulthandler threading _thread multiprocessing concurrent asyncio signal atexit "
    "weakref unittest mock pytest _pytest hypothesis doctest autograders forbiddenfruit"
)
_SYS = _words(
    "maxsize float_info getsizeof version version_info stdout stderr path platform byteorder argv "
    "executable exit getrecursionlimit setrecursionlimit"
)
_CALLS = _words(
    "get_ipython exec eval compile __import__ globals vars locals breakpoint __builtins__ "
    "__loader__ __spec__ In Out _ih _oh _dh make_dataclass new_class"
)
# Attributes that lead from a value to the frame, the function or the shell around it.
_ATTRIBUTES = _words(
    "f_back f_globals f_locals f_builtins f_code f_trace gi_frame cr_frame ag_frame tb_frame "
    "tb_next co_code co_consts ast_transformers input_transformers_cleanup user_ns run_cell "
    "input_transformers_post run_ast_nodes run_code showtraceback set_custom_exc displayhook "
    "display_pub do_execute "
    "input_transformer_manager sys builtins ctypes gc inspect threading importlib "
    "settrace setprofile _getframe meta_path"
)
_DUNDER = re.compile(r"__\w+__\Z")
_HARMLESS = _words(
    "__init__ __name__ __class__ __doc__ __qualname__ __call__ __post_init__ __repr__ __str__ "
    "__len__ __iter__ __next__ __getitem__ __setitem__ __enter__ __exit__ __hash__ __version__ "
    "__path__ __main__ __all__ __file__ __slots__ __annotations__"
)
_DISPLAYS = _words("display HTML Image Markdown Math Latex SVG Audio Video Pretty clear_output")
_MAGICS = _words(
    "matplotlib time timeit pip conda pwd ls cd who whos pinfo pinfo2 precision pprint prun"
)


def findings(
    cells: Iterable[tuple[str, str]], checks: Iterable[str], own: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield what reaches for the machinery, as a cell's name and half a sentence.

    Parameters
    ----------
    cells : iterable of (str, str)
        Name and source of the code that students may write, in order.
    checks : iterable of str
        Sources of the checks: a name that they use must keep its meaning.
    own : iterable of str
        Names of modules that were handed in beside the notebook.

    Examples
    --------
    >>> list(findings([("answer", "def double(x): return 2 * x")], ["assert double(2) == 4"]))
    []
    >>> list(findings([("answer", "def abs(x): return 0")], ["assert abs(double(2) - 4) < 1"]))
    [('answer', 'gives `abs`, which checks rely on, another meaning')]
    >>> list(findings([("answer", "import numpy as np; np.allclose = print")], []))
    [('answer', 'changes `np.allclose`')]
    """
    trees = [(name, _parse(source)) for name, source in cells]
    used = {
        node.id
        for source in checks
        for node in ast.walk(_parse(source) or ast.Module([], []))
        if isinstance(node, ast.Name)
    }
    imported = {
        alias.asname or alias.name.split(".")[0]: _is_module(node, alias)
        for _, tree in trees
        if tree is not None
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    reader = _Reader(imported, used, frozenset(own))
    for name, tree in trees:
        for found in reader.read(tree) if tree is not None else ():
            yield name, found


def _is_module(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    return isinstance(node, ast.Import)


def _parse(source: str) -> ast.Module | None:
    """Return a cell's tree, its magics turned into calls; None if it is not Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Reader:
    """Reads one submission's trees with what its imports bind in mind."""

    def __init__(self, imported: dict[str, bool], used: set[str], own: frozenset[str]) -> None:
        self.imported, self.own = imported, own
        # Whoever shows a value in this process (doctest does) leaves it in `builtins._`.
        self.meant = used & (set(dir(builtins)) - {"_"})

    def read(self, tree: ast.Module) -> Iterator[str]:
        allowed = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (body := _magic(node)) is not None:
                allowed.add(node.func.value.func)  # type: ignore[attr-defined]
                if inner := _parse(body):
                    yield from self.read(inner)
        for binding in _global_names(tree):
            if binding in self.meant:
                yield f"gives `{binding}`, which checks rely on, another meaning"
        attribute_of = {
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)
        }
        for node in ast.walk(tree):
            if node not in allowed:
                yield from self._node(node, id(node) in attribute_of)

    def _node(self, node: ast.AST, has_attribute: bool) -> Iterator[str]:
        if isinstance(node, ast.Name):
            yield from self._name(node, has_attribute)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from self._module(alias.name)
        elif isinstance(node, ast.ImportFrom) and _is_display(node):
            pass
        elif isinstance(node, ast.ImportFrom):
            yield from self._module(node.module or "")
            for alias in node.names:
                if node.module == "sys" and alias.name not in _SYS or alias.name in _ATTRIBUTES:
                    yield f"imports `{alias.name}` from `{node.module}`"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if _DUNDER.match(node.name) and node.name not in _HARMLESS:
                yield f"defines `{node.name}`, so that a value could pass for any other"
            if isinstance(node, ast.ClassDef) and node.keywords:
                yield f"gives class `{node.name}` a metaclass"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _DUNDER.match(node.value) and node.value not in _HARMLESS:
                yield f"spells `{node.value}`"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from self._call(node, node.func.id)

    def _name(self, node: ast.Name, has_attribute: bool) -> Iterator[str]:
        stored = not isinstance(node.ctx, ast.Load)
        if node.id in _CALLS:
            yield f"uses `{node.id}`"
        elif stored and _DUNDER.match(node.id) and node.id not in _HARMLESS:
            yield f"sets `{node.id}`"
        elif not stored and self.imported.get(node.id) and not has_attribute:
            yield f"hands the module `{node.id}` around"

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        root = _root(node)
        text = f"`{ast.unparse(node)}`" if len(ast.unparse(node)) < 60 else f"`.{node.attr}`"
        if not isinstance(node.ctx, ast.Load) and root in self.imported:
            yield f"changes {text}"
        elif isinstance(node.value, ast.Name) and node.value.id == "sys" and root in self.imported:
            if node.attr not in _SYS:
                yield f"uses {text}"
        elif (_DUNDER.match(node.attr) and node.attr not in _HARMLESS) or node.attr in _ATTRIBUTES:
            yield f"uses {text}"
        elif not isinstance(node.ctx, ast.Load) and _DUNDER.match(node.attr):
            yield f"changes {text}"

    def _module(self, name: str) -> Iterator[str]:
        top = name.split(".")[0]
        if top in MACHINERY or top == "sys" and name != "sys":
            yield f"imports `{name}`"
        elif top not in self.own and not _is_installed(top):
            yield f"imports `{name}`, which is not part of the course"

    def _call(self, node: ast.Call, name: str) -> Iterator[str]:
        if name == "type" and len(node.args) > 1:
            yield "makes a class with `type`"
        elif name in ("setattr", "delattr") and node.args:
            target = node.args[0]
            is_type = isinstance(target, ast.Call) and ast.unparse(target.func) == "type"
            if is_type or _root(target) in self.imported:
                yield f"changes `{ast.unparse(target)}` with `{name}`"


def _is_display(node: ast.ImportFrom) -> bool:
    """Return whether only ways to show things are imported from IPython."""
    names = {alias.name for alias in node.names}
    return node.module in ("IPython.display", "IPython.core.display") and names <= _DISPLAYS


@lru_cache
def _is_installed(name: str) -> bool:
    if name in sys.stdlib_module_names:
        return True
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _root(node: ast.AST) -> str | None:
    """Return the name at the bottom of a chain of attributes and indices."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _global_names(tree: ast.Module) -> set[str]:
    """Return the names that a cell binds at its top level, or declares global in a function."""
    found: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            found |= {
                name
                for inner in ast.walk(node)
                if isinstance(inner, ast.Global)
                for name in inner.names
            }
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        if isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
        if not isinstance(
            node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        ):
            stack += ast.iter_child_nodes(node)
    return found


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
        return "\n".join(map(str, values[1:])) if values[0] in ("time", "timeit", "prun") else ""
    return None
