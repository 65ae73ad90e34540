"""Classes and functions that both sides have, and call by the same name.

A name is looked up among modules that are imported already, or that belong to the packages that
the course lists; it never makes anything else be imported.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograders.grading.crossing.errors import Refused

_VALUES = (
    bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range,
    slice, object, type(None), type(Ellipsis), type(NotImplemented), SimpleNamespace,
)  # fmt: skip
_ERRORS = tuple(
    value
    for value in vars(builtins).values()
    if isinstance(value, type) and issubclass(value, BaseException)
) + (np.linalg.LinAlgError, np.exceptions.AxisError, np.exceptions.DTypePromotionError)
_NOTEBOOK = "__main__"
_HEAP = 1 << 9  # Python's flag of a class that was made by a ``class`` statement
# Modules of a package that nobody means when naming something from it.
_LEFT_OUT = {"tests", "benchmarks", "__main__", "conftest"}


class Names:
    """What may be called by name.

    Parameters
    ----------
    packages : iterable of str
        The packages whose classes and functions both sides have: a course's own library.
    imports : iterable of str
        Packages that the lab imports: of those that come with Python, both sides have the errors.
    """

    def __init__(self, packages: Iterable[str] = (), imports: Iterable[str] = ()) -> None:
        self.packages = frozenset(packages)
        # An error of unittest's says that a test is not to be run.
        self._with_errors = sys.stdlib_module_names.intersection(imports) - {"unittest"}
        self._modules: dict[str, set[str]] = {}  # by package
        # By name: values' types, errors, NumPy's types of scalars.
        kinds = [*_VALUES, *_ERRORS, np.ndarray, *np.sctypeDict.values()]
        self._types = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in kinds}
        self._known = {kind: name for name, kind in self._types.items()}
        self._cache: dict[Any, str | None] = {}
        self._notebook: dict[type, str] = {}

    def share(self, classes: Mapping[str, Any]) -> None:
        """Call classes of the course's own cells by their names: both sides have run those.

        Parameters
        ----------
        classes : mapping
            What the notebook here binds to each name. What is no class, or one whose objects
            cannot be made without running it, is left out.
        """
        for name, kind in classes.items():
            if isinstance(kind, type) and kind.__qualname__ == name and _is_plain(kind):
                self._notebook[kind] = f"{_NOTEBOOK}:{name}"

    def of_class(self, kind: type) -> str | None:
        """Return a class's name, None if the other side has no such class."""
        known = self._known.get(kind) or self._notebook.get(kind) or self._of(kind)
        return known or self._of_error(kind)

    def of_function(self, function: Any) -> str | None:
        """Return a function's name, None if it is no function of the packages."""
        return self._of(function)

    def is_library(self, kind: type) -> bool:
        """Return whether a class belongs to the packages."""
        return kind in self._notebook or (kind not in self._known and self._of(kind) is not None)

    def is_of_notebook(self, kind: type) -> bool:
        """Return whether a class is of the course's own cells, in the notebook."""
        return kind in self._notebook

    def the_class(self, name: Any) -> type:
        """Return the class of a name.

        Raises
        ------
        Refused
            If there is none.
        """
        try:
            return self._types[name]
        except (KeyError, TypeError):
            for kind, known in reversed(self._notebook.items()):  # the latest of this name
                if known == name:
                    return kind
            found = self._error(name) or self._find(name)
        if not isinstance(found, type) or self.of_class(found) is None:
            raise Refused(f"there is no class {name!r:.80}")
        self._types[name] = found
        return found

    def the_function(self, name: Any) -> Any:
        """Return the function of a name.

        Raises
        ------
        Refused
            If there is none.
        """
        found = self._find(name)
        if isinstance(found, type) or not callable(found) or self._of(found) is None:
            raise Refused(f"there is no function {name!r:.80}")
        return found

    def _of_error(self, kind: type) -> str | None:
        """Return the name of an error of a module that comes with Python, None for others."""
        if not issubclass(kind, Exception):
            return None
        name = f"{kind.__module__}.{kind.__qualname__}"
        return name if self._error(name) is kind else None

    def _error(self, name: Any) -> Any:
        module, _, last = name.rpartition(".") if isinstance(name, str) else ("", "", "")
        package = module.partition(".")[0].removeprefix("_")  # queue.Empty is of _queue
        if package not in self._with_errors:
            return None
        importlib.import_module(package)
        found = vars(sys.modules[module]).get(last) if module in sys.modules else None
        return found if isinstance(found, type) and issubclass(found, Exception) else None

    def _of(self, thing: Any) -> str | None:
        try:
            if thing in self._cache:
                return self._cache[thing]
        except TypeError:
            return None
        module = getattr(thing, "__module__", None)
        if not isinstance(module, str) or module.partition(".")[0] not in self.packages:
            return None
        name = f"{module}:{getattr(thing, '__qualname__', '')}"
        try:
            found = name if self._find(name) is thing else None
        except Refused:
            found = None
        self._cache[thing] = found
        return found

    def _find(self, name: Any) -> Any:
        module, _, path = name.partition(":") if isinstance(name, str) else ("", "", "")
        if module.partition(".")[0] not in self.packages or not self._is_module(module):
            raise Refused(f"there is no {name!r:.80} to call by its name")
        found: Any = sys.modules.get(module) or importlib.import_module(module)
        for number, part in enumerate(path.split(".")):
            owner = found
            found = vars(owner).get(part) if number == 0 or isinstance(owner, type) else None
            if isinstance(found, staticmethod):
                found = found.__func__
        if found is None:
            raise Refused(f"there is no {name!r:.80} to call by its name")
        return found

    def _is_module(self, name: str) -> bool:
        """Return whether a package of the course's has a module; it is imported for that."""
        package = name.partition(".")[0]
        if package not in self._modules:
            try:
                paths = getattr(importlib.import_module(package), "__path__", ())
            except ImportError:
                return False
            self._modules[package] = {package, *_modules(paths, f"{package}.")}
        return name in self._modules[package]


def _is_plain(kind: type) -> bool:
    """Return whether a class has no built-in base but ``object``, an error or an enumeration's."""
    built_in = [base for base in kind.__mro__ if not base.__flags__ & _HEAP]
    return issubclass(kind, Enum) or all(
        base is object or issubclass(base, BaseException) for base in built_in
    )


def _modules(paths: Iterable[str], prefix: str) -> Iterable[str]:
    for found in walk_packages(paths, prefix, onerror=lambda name: None):
        if _LEFT_OUT.isdisjoint(found.name.split(".")):
            yield found.name
