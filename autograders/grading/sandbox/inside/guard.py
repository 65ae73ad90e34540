"""Run checks in a student's Python in a way that the student's code cannot reach or imitate.

:class:`autograders.grading.sealed.Seal` sends this file's text to a new kernel, before a student's
first line. From then on checks come encrypted, are compiled here and nowhere else, look at what
they compare, and their outcome leaves under a seal. It leans on the standard library alone.
"""

from __future__ import annotations

import ast
import base64
import builtins
import hashlib
import hmac
import io
import json
import os
import re
import select
import signal
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from importlib.machinery import FileFinder, SourceFileLoader
from importlib.util import find_spec
from typing import Any

CHECK = "<check>"
# Packages whose functions and classes checks rely on, or the guard: they must stay what they were.
RELIED_ON = {"builtins", "copy", "hypothesis", "math", "numpy", "operator", "tinytorch"}
_OWN = {"ast", "base64", "hashlib", "hmac", "json", "os", "re", "select", "types"}
# Of these, what is looked at after every statement of a check, not only before and after it.
_NEAR = re.compile(r"builtins|numpy(\.testing|\.linalg|\.random)?|tinytorch.*|copy|math")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a class says about its values, and what could therefore pass for anything else.
SAYS = frozenset(
    f"__{name}__"
    for name in _words(
        "eq ne lt le gt ge bool float int complex index abs round neg pos add radd sub rsub mul "
        "rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul rmatmul array "
        "array_ufunc array_function array_interface array_struct getattribute class instancecheck "
        "subclasscheck contains"
    )
)
# Names that lead from a value to the code, the frame or the shell around it.
PRIVATE = re.compile(
    r"__(globals|closure|code|builtins|self|func|subclasses|getattribute|loader|spec|import|course|"
    r"array_interface|array_struct)__|"
    r"f_(back|globals|locals|builtins|code|trace|lineno)|(gi|cr|ag)_(frame|code)|tb_(frame|next)|"
    r"co_(code|consts)|_?sys|ctypes|builtins|bltns|settrace|setprofile|_getframe|meta_path|"
    r"path_hooks|run_(cell|code|ast_nodes|cell_async|line_magic|cell_magic)|safe_execfile|"
    r"user_(ns|global_ns|module)|ast_transformers|input_transformers_(cleanup|post)|"
    r"walk_(tb|stack)|get_field|getmembers|getattr_static|get_type_hints|ForwardRef|runstring|"
    r"get_referrers|get_referents|get_objects"
)
_EVENT = re.compile(
    r"sys\.(_getframe|_current_frames|_current_exceptions|settrace|addaudithook)|"
    r"object\.__(get|set|del)attr__|gc\.get_|ctypes\.|code\.__new__|exec|compile|cpython\.run"
)
# Functions of libraries that do for their caller what the caller may not do.
_GO_BETWEENS = _words(
    "currentframe stack trace getmembers _getmembers getattr_static walk_stack walk_tb get_field "
    "runstring measure _vectorize_call _vectorize_call_with_signature _evaluate"
)
_MEMORY = re.compile(r"/proc/[^/]+/(task/\d+/)?mem\b")
_UNPICKLED = _words("eval exec compile getattr setattr delattr __import__ open globals")
_UNPICKLED_FROM = _words("sys os posix subprocess importlib operator gc inspect ctypes")
_TINYTORCH = os.path.dirname(
    getattr(find_spec("tinytorch"), "origin", None) or "/course/tinytorch/"
)
_LIBRARY = (sys.prefix, sys.base_prefix, _TINYTORCH, "<frozen", "<string>", "<guard>", CHECK)
# Libraries whose values are made to equal others.
_STAND_INS = ("/unittest/", "/_pytest/", "/numpy/ma/")


class Tampered(BaseException):
    """What a check relies on was changed; no error of a program, so nothing catches it."""


class Lie(BaseException):
    """A value that itself says what it equals took part in a check."""


def install(
    namespace: dict[str, Any], shell: Any, imports: dict[str, list[str]], files: list[str]
) -> str:
    """Make a kernel ready; return the key to it, in hexadecimal digits.

    Parameters
    ----------
    namespace : dict
        Where cells run.
    shell : InteractiveShell
        What shows things.
    imports : dict
        What the lab imports: by the name that it gives it, a module and, or not, a name in it.
    files : list of str
        The Python files of a student's that have been read, by hash: only they can be imported.
    """
    key = os.urandom(32)
    names: dict[str, Any] = {
        name: value for name, value in vars(builtins).items() if name not in _OF_FRAMES
    }
    for name, (module, *rest) in imports.items():
        try:
            found = import_module(module)
            names[name] = getattr(found, rest[0]) if rest else found
        except (ImportError, AttributeError):
            names.pop(name, None)  # of this lab or a later one: not there while it is graded
    noted: list[str] = []
    door = _door(
        key, Room(namespace, names, noted, {module for module, *_ in imports.values()}), shell
    )
    next(door)
    guarded = {**vars(builtins), **_readers(), "__course__": door.send}
    builtins.__course__ = door.send  # type: ignore[attr-defined]  # `%reset` empties the namespace
    namespace["__builtins__"] = guarded
    sys.path_hooks.insert(0, _reader_of(files))
    sys.path_importer_cache.clear()
    sys.addaudithook(_hook(noted))
    return key.hex()


# Functions that look at the frame they are called from, or that a class needs by name.
_OF_FRAMES = {"super", "locals", "globals", "vars", "dir", "eval", "exec", "_", "__build_class__"}


def _door(key: bytes, room: Room, shell: Any) -> Generator[str, str]:
    """Answer sealed requests. A generator: its frame, and the key in it, cannot be read unseen."""
    answer = ""
    to_ask, to_answer = ways(key)
    while True:
        request = yield answer
        changed = room.changed()  # before anything else: what follows leans on libraries too
        work = unseal(to_ask, request)
        answer = ""
        if work is not None:
            if changed:
                outcome = {"outcome": "tampered", "evalue": changed}
            else:
                outcome = _copied(room, work, shell) if work["copy"] else room.run(work)
            answer = seal(to_answer, {**outcome, "number": work["number"], "noted": room.noted[:5]})


# Seals


def ways(key: bytes) -> tuple[bytes, bytes]:
    """Return a key for requests and one for answers: a request sent back is no answer."""
    return hmac.digest(key, b"ask", "sha256"), hmac.digest(key, b"answer", "sha256")


def seal(key: bytes, content: dict[str, Any]) -> str:
    """Return content so that only who has the key can read or make it.

    Examples
    --------
    >>> sealed = seal(b"key", {"outcome": "ok"})
    >>> unseal(b"key", sealed), unseal(b"other key", sealed), unseal(b"key", "forged")
    ({'outcome': 'ok'}, None, None)
    """
    salt = os.urandom(16)
    text = json.dumps(content).encode()
    hidden = _mixed(key, salt, text)
    return base64.b64encode(salt + hmac.digest(key, salt + hidden, "sha256") + hidden).decode()


def unseal(key: bytes, sealed: object) -> dict[str, Any] | None:
    """Return what was sealed with this key, None if nothing was."""
    try:
        raw = base64.b64decode(str(sealed), validate=True)
    except ValueError:
        return None
    salt, mark, hidden = raw[:16], raw[16:48], raw[48:]
    if not hmac.compare_digest(mark, hmac.digest(key, salt + hidden, "sha256")):
        return None
    content: dict[str, Any] = json.loads(_mixed(key, salt, hidden))
    return content


def _mixed(key: bytes, salt: bytes, text: bytes) -> bytes:
    stream = hashlib.shake_256(key + salt).digest(len(text))
    return (int.from_bytes(text) ^ int.from_bytes(stream)).to_bytes(len(text))


# Checks


class Room:
    """Where cells run, and what of it must keep its meaning when a check runs."""

    def __init__(
        self, namespace: dict[str, Any], names: dict[str, Any], noted: list[str], modules: set[str]
    ) -> None:
        self.namespace, self.names, self.noted = namespace, names, noted
        self.watch = Watch(*(name for name in modules if not name.startswith("matplotlib")))
        self.fixed: dict[str, tuple[Any, Any]] = {}

    def changed(self) -> str:
        """Return what was changed that checks rely on, "" for nothing."""
        try:
            self.watch.intact()
        except Tampered as error:
            return str(error)
        return ""

    def run(self, work: dict[str, Any]) -> dict[str, Any]:
        """Run cells, the last one as a check or as the lab's own; return what became of it."""
        results: list[Any] = []
        watch = self.watch if work["check"] else None
        put_aside: dict[str, Any] = {}
        try:
            *before, last = work["sources"]
            self.watch.learn()
            for source in before:
                exec(compile(source, CHECK, "exec"), self.namespace)
            put_aside = self._restore()
            code = compiled(last, self.names, watch, results.append)
            exec(code, self.namespace)
            if watch:
                watch.intact()
            else:
                self._fix(last, code)
        except Tampered as error:
            return {"outcome": "tampered", "evalue": str(error)}
        except Lie as error:
            return {"outcome": "lie", "evalue": str(error)}
        except BaseException as error:  # whatever a student's code raises is an outcome
            return _outcome(error)
        finally:
            self.namespace.update(put_aside)
        value = results[0] if results else None
        number = type(value) in (int, float)
        return {"outcome": "ok", "result": repr(value) if number else None}

    def _fix(self, source: str, code: types.CodeType) -> None:
        """Remember what a cell of the lab's own has bound, and what lists and tables it used."""
        for name in _bound_above(source):
            value: Any = self.namespace.get(name)
            if isinstance(value, types.FunctionType | type | types.ModuleType):
                self.fixed[name] = value, None
        for name in code.co_names:
            value = self.namespace.get(name)
            if type(value) in (dict, list, set):
                self.fixed[name] = value, value.copy()

    def _restore(self) -> dict[str, Any]:
        """Give the lab's own names their meaning; return what stood in their place."""
        put_aside = {}
        for name, (value, content) in self.fixed.items():
            found = self.namespace.get(name)
            if found is not value:
                put_aside[name] = found
                self.namespace[name] = value
            if content is not None and value != content:
                value.clear()
                value.extend(content) if isinstance(value, list) else value.update(content)
        return put_aside


def _outcome(error: BaseException) -> dict[str, Any]:
    steps = traceback.extract_tb(error.__traceback__)
    lines = [step.lineno for step in steps if step.filename == CHECK]
    theirs = [step for step in steps if not step.filename.startswith(_LIBRARY)]
    try:
        text = str(error)
    except BaseException:  # a student's own __str__ may fail
        text = ""
    return {
        "outcome": "error",
        "ename": type(error).__name__,
        "evalue": text[:20000],
        "line": lines[0] if lines else 0,
        "steps": [line[:1000] for line in traceback.format_list(theirs[:3] + theirs[3:][-10:])],
    }


def _copied(room: Room, work: dict[str, Any], shell: Any) -> dict[str, Any]:
    """Run cells in a copy of this process, which then is gone, and with it all that they did."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12 warns that threads are not copied
        child = _fork()
    if not child:
        try:
            sys.stdout = sys.stderr = io.StringIO()
            shell.kernel.iopub_thread.send_multipart = lambda *args, **kwargs: None
            said = json.dumps(room.run(work)).encode()
            while said:
                said = said[_write(writer, said) :]
        finally:
            _exit(0)
    os.close(writer)
    try:
        outcome: dict[str, Any] = json.loads(_read_all(reader, work["seconds"]))
        return outcome
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


_fork, _exit, _write, _read = os.fork, os._exit, os.write, os.read


def _read_all(reader: int, seconds: float) -> bytes:
    parts: list[bytes] = []
    while select.select([reader], [], [], seconds)[0]:
        part = _read(reader, 65536)
        if not part:
            break
        parts.append(part)
    else:
        parts = []
    return b"".join(parts) or b'{"outcome": "lost"}'


def compiled(
    source: str,
    names: dict[str, Any],
    watch: Watch | None,
    keep: Callable[[Any], object],
) -> types.CodeType:
    """Compile a cell of the lab so that nothing a student's code binds changes its meaning.

    Parameters
    ----------
    source : str
        The cell.
    names : dict
        What names mean that the cell does not bind itself. They become constants of its code.
    watch : Watch or None
        What looks at the values that the cell compares; None to look at nothing.
    keep : callable
        What is told the value of the last expression.

    Examples
    --------
    >>> abs = lambda x: 0
    >>> exec(compiled("assert abs(-2) == 2", {"abs": builtins.abs}, Watch(), print))
    """
    tree: Any = compile(source, CHECK, "exec", ast.PyCF_ONLY_AST)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        last.value = ast.Call(ast.Name("keep it", ast.Load()), [last.value], [])
    own = bound(tree)
    meaning = {name: value for name, value in names.items() if name not in own}
    meaning |= {"keep it": keep}
    if watch is not None:
        tree = _Looks().visit(tree)
        meaning |= {"look": watch.look, "settle": watch.settle}
    tree = _Means(table := dict(enumerate(meaning.values())), meaning).visit(tree)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a constant stands where a function will
        code = compile(ast.fix_missing_locations(tree), CHECK, "exec")
    filled: types.CodeType = _filled(code, {f"\0{n}": value for n, value in table.items()})
    return filled


def bound(tree: ast.AST) -> set[str]:
    """Return every name that is bound somewhere in a cell."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
    return found


def _bound_above(source: str) -> set[str]:
    """Return the names that a cell binds outside of functions and classes."""
    tree: Any = compile(source, CHECK, "exec", ast.PyCF_ONLY_AST)
    inside = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {
        name
        for node in tree.body
        for name in ([node.name] if isinstance(node, inside) else bound(node))
    }


class _Looks(ast.NodeTransformer):
    """Has a check look at what it compares, calls with, and asserts."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.Compare):
            node.left = _seen(node.left)
            node.comparators = [_seen(value) for value in node.comparators]
        elif isinstance(node, ast.BinOp):
            node.left, node.right = _seen(node.left), _seen(node.right)
        elif isinstance(node, ast.Call):
            node.args = [_seen(value) for value in node.args]
        elif isinstance(node, ast.Assert):
            node.test = ast.Call(ast.Name(self.judge, ast.Load()), [node.test], [])
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function may run a thousand times: libraries are looked at when it has returned."""
        before, self.judge = self.judge, "look"
        self.generic_visit(node)
        self.judge = before
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant):
            return node  # a docstring
        self.generic_visit(node)
        node.value = ast.Call(ast.Name(self.judge, ast.Load()), [node.value], [])
        return node

    judge = "settle"


def _seen(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant | ast.Starred | ast.Lambda | ast.JoinedStr):
        return value
    return ast.Call(ast.Name("look", ast.Load()), [value], [])


class _Means(ast.NodeTransformer):
    """Puts a mark in the place of each name that has a meaning of its own."""

    def __init__(self, table: dict[int, Any], meaning: dict[str, Any]) -> None:
        self.marks = {name: f"\0{number}" for number, name in zip(table, meaning, strict=True)}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or node.id not in self.marks:
            return node
        return ast.copy_location(ast.Constant(self.marks[node.id]), node)

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node  # a pattern takes names only


def _filled(value: Any, objects: dict[str, Any]) -> Any:
    """Return a constant with the objects in the place of their marks."""
    if isinstance(value, types.CodeType):
        constants = tuple(_filled(constant, objects) for constant in value.co_consts)
        return value.replace(co_consts=constants)
    if isinstance(value, tuple | frozenset):
        return type(value)(_filled(part, objects) for part in value)
    return objects.get(value, value) if isinstance(value, str) else value


# Values and libraries


Kept = tuple[Any, str, list[str], list[Any]]


class Watch:
    """Knows what the libraries were, and which values do not speak for themselves."""

    def __init__(self, *modules: str) -> None:
        self.modules = set(modules)
        self.near: dict[int, Kept] = {}
        self.far: dict[int, Kept] = {}
        self.sizes: dict[type, int] = {}
        self.honest: set[type] = set()
        self.learn()

    def intact(self, near: bool = False) -> None:
        """Raise `Tampered` unless functions and classes of libraries are what they were."""
        for kept in (self.near,) if near else (self.near, self.far):
            for place, name, keys, values in kept.values():
                found = _contents(place)
                if not all(map(_same, map(found.get, keys), values)):
                    pairs = zip(keys, values, strict=True)
                    changed = next(key for key, value in pairs if found.get(key) is not value)
                    raise Tampered(f"{name}.{changed}")
                if isinstance(place, type) and len(found) != self.sizes[place]:
                    for new in found.keys() - set(keys):
                        if new in SAYS or not new.startswith("__"):  # others Python adds itself
                            raise Tampered(f"{name}.{new}")

    def learn(self) -> None:
        """Take in what has been imported since."""
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] not in RELIED_ON | _OWN and name not in self.modules:
                continue
            if id(module) in self.near or id(module) in self.far:
                continue
            if not isinstance(module, types.ModuleType):
                continue
            self._know(module, name)
            if name.split(".")[0] in ("tinytorch", "ast", "json"):
                for value in list(vars(module).values()):
                    if isinstance(value, type) and value.__module__ == name:
                        self._know(value, name)

    def _know(self, place: Any, name: str) -> None:
        content = _contents(place)
        fixed = {
            key: value
            for key, value in content.items()
            if (isinstance(place, type) and key not in _VARYING)
            or (callable(value) and key not in _SHELLS)
        }
        kept = self.near if _NEAR.fullmatch(name) else self.far
        label = place.__name__
        kept[id(place)] = place, label, [*fixed], [*fixed.values()]
        if isinstance(place, type):
            self.sizes[place] = len(content)

    def settle(self, value: Any) -> Any:
        """Look at what an assertion is about to judge, and at the libraries it was found with."""
        self.intact(near=True)
        return self.look(value)

    def look(self, value: Any, depth: int = 5) -> Any:
        """Return a value; raise `Lie` if it, or what it holds, says itself what it equals."""
        kind = _type(value)
        if kind not in self.honest:
            self._judge(kind)
        if kind in _PLAIN or not depth:
            return value
        for part in _parts(value, kind):
            self.look(part, depth - 1)
        return value

    def _judge(self, kind: type) -> None:
        for owner in (*_mro(kind), *_mro(_type(kind))):
            if owner in self.sizes:
                continue  # a library's, and known to be unchanged
            said = _contents(owner)
            for name in SAYS.intersection(said):
                if not _is_librarys(said[name], owner):
                    raise Lie(f"class `{_name(kind)}`, which itself says what `{name}` is")
        self.honest.add(kind)


_VARYING = {"__abstractmethods__", "_abc_impl", "__annotations__", "__doc__"}
_VARYING |= {"__dict__", "__weakref__"}
_SHELLS = {"_", "__course__", "display", "get_ipython", "input"}  # in `builtins`, by IPython
_PLAIN = {int, float, bool, str, bytes, complex, type(None), type, types.FunctionType}
_HOLDERS = {list, tuple, set, frozenset}
_type, _same = type, __import__("operator").is_
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_class_contents: Callable[[type], Any] = type.__dict__["__dict__"].__get__
_module_contents: Callable[[Any], Any] = vars(types.ModuleType)["__dict__"].__get__
_name = type.__dict__["__name__"].__get__


def _contents(place: Any) -> Any:
    return (_class_contents if isinstance(place, type) else _module_contents)(place)


def _is_librarys(value: Any, owner: type) -> bool:
    """Return whether what stands in a class was written by no student."""
    if value is None:
        return True  # says that there is no such thing
    if isinstance(value, property):
        value = value.fget
    while isinstance(value, classmethod | staticmethod):
        value = value.__func__
    if isinstance(value, types.FunctionType):
        file = value.__code__.co_filename
        return file.startswith(_LIBRARY) and not any(part in file for part in _STAND_INS)
    return getattr(value, "__objclass__", None) is owner or not _is_heap(owner)


def _is_heap(kind: type) -> bool:
    return bool(kind.__flags__ & 512)


def _parts(value: Any, kind: type) -> Iterator[Any]:
    """Yield what a value holds, as far as a check could come to compare it."""
    if kind in _HOLDERS:
        yield from list(value)[:200]
    elif kind is dict:
        yield from list(value.values())[:200]
    elif kind.__name__ == "ndarray":
        if value.dtype == object:
            yield from value.ravel()[:200].tolist()
    elif any(_is_tinytorchs(owner) for owner in _mro(kind)):
        own = getattr(value, "__dict__", {})
        for name, part in own.items():
            method = getattr(kind, name, None)
            if callable(part) and isinstance(method, types.FunctionType):
                raise Lie(f"class `{kind.__name__}` whose method `{name}` was replaced")
            yield part
        for name in ("data", "grad"):
            if name not in own and hasattr(kind, name):
                yield getattr(value, name)


def _is_tinytorchs(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "tinytorch"


# What a student's code may not do


def _readers() -> dict[str, Any]:
    """Return the built-in functions that take a name, which must be one that could be spelled."""

    def refuse(name: object) -> None:
        if isinstance(name, str) and PRIVATE.fullmatch(name):
            raise AttributeError(f"{name!r} is not available while a lab is graded")

    def guarded_getattr(value: Any, name: str, *default: Any) -> Any:
        refuse(name)
        return getattr(value, name, *default)

    def guarded_setattr(value: Any, name: str, new: Any) -> None:
        refuse(name)
        setattr(value, name, new)

    def guarded_delattr(value: Any, name: str) -> None:
        refuse(name)
        delattr(value, name)

    def guarded_vars(*values: Any) -> dict[str, Any]:
        if not values:
            return dict(sys._getframe(1).f_locals)
        if isinstance(values[0], type | types.ModuleType | types.FunctionType):
            return dict(vars(values[0]))
        return vars(*values)

    def guarded_globals() -> dict[str, Any]:
        found = dict(sys._getframe(1).f_globals)
        for name in ("get_ipython", "__builtins__"):
            found.pop(name, None)
        return found

    def guarded_locals() -> dict[str, Any]:
        return dict(sys._getframe(1).f_locals)

    return {
        "getattr": guarded_getattr,
        "setattr": guarded_setattr,
        "delattr": guarded_delattr,
        "vars": guarded_vars,
        "globals": guarded_globals,
        "locals": guarded_locals,
    }


def _reader_of(files: list[str]) -> Callable[[str], FileFinder]:
    """Return what finds modules outside of the libraries: only those that have been read."""

    class Known(SourceFileLoader):
        def get_code(self, fullname: str) -> types.CodeType:
            source = self.get_data(self.path)
            if hashlib.sha256(source).hexdigest() not in files:
                raise ImportError(f"{fullname} was written while the notebook ran: hand it in")
            return self.source_to_code(source, self.path)

    def hook(path: str) -> FileFinder:
        if path.startswith(_LIBRARY) or path == os.path.dirname(_TINYTORCH):
            raise ImportError  # for the hooks after this one
        return FileFinder(path, (Known, [".py"]))

    return hook


def _hook(noted: list[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return what Python asks before it does what only a debugger, or a cheat, has it do."""
    busy: set[int] = set()
    ident, frame_of = threading.get_ident, sys._getframe

    def hook(event: str, args: tuple[Any, ...]) -> None:
        this = ident()
        if this in busy:
            return
        if event == "open":
            refused = isinstance(args[0], str) and bool(_MEMORY.match(args[0]))
        elif event == "pickle.find_class":
            parts = args[1].split(".")
            refused = args[0] in _UNPICKLED_FROM or any(map(PRIVATE.fullmatch, parts))
            refused |= bool(_UNPICKLED.intersection(parts))
        elif _EVENT.match(event):
            busy.add(this)
            try:
                code = frame_of(1).f_code
                library = code.co_filename.startswith(_LIBRARY)
                refused = not library or code.co_name in _GO_BETWEENS
            finally:
                busy.discard(this)
        else:
            return
        if refused:
            what = event if event != "exec" else "exec or eval"
            noted.append(what)
            raise RuntimeError(f"{what} is not available while a lab is graded")

    return hook
