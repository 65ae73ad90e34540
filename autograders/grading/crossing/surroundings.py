"""What surrounds an answer, and a check puts something else in place of while it calls it.

Names of the notebook, attributes of modules (``np.linalg.solve``, ``builtins.input``) and standard
output: the student's side follows what the judge's has there, whenever control passes. Which names
and attributes these are is read from the course's source; nothing that an answer does adds one. Of
names that functions declare as global, and of what is printed into a redirected stream, the
student's side tells.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from autograders.grading.crossing.errors import Refused

NOTHING: Mapping[str, Sequence[str]] = {"names": (), "back": (), "places": ()}
_MISSING = object()
_STREAMS = ("stdout", "stderr")
_REDIRECTED = {f"sys.{name}" for name in _STREAMS}
_MOST = 2**24  # characters that answers may print into a redirected stream, at a time


class Judges:
    """The judge's side.

    Attributes
    ----------
    streams : tuple or None
        Standard output and error as they are unless a check redirects them; None while none runs.
    """

    def __init__(
        self, share: Callable[[Iterable[str], dict[str, Any]], None], crossing: Collection[str] = ()
    ) -> None:
        self.share = share
        self.not_here = _REDIRECTED | {*crossing}  # which cross in another way
        self.news: list[tuple[str, str, Any]] = []
        self.leave()

    def meet(self, namespace: dict[str, Any], classes: Sequence[str]) -> None:
        """Begin to call classes of the course's own cells by their names."""
        self.share(classes, namespace)
        if classes:
            self.news.append(("", "classes", tuple(classes)))

    def enter(self, namespace: dict[str, Any], given: Mapping[str, Sequence[str]]) -> None:
        """Begin to look: at names, at attributes of modules, and for names that come back."""
        self.namespace, self.back = namespace, frozenset(given["back"])
        self.places: dict[str, tuple[Any, str]]
        self.places = {f"/{name}": (None, name) for name in given["names"]}
        found = {place: _owner(place) for place in given["places"] if place not in self.not_here}
        self.places |= {place: owner for place, owner in found.items() if owner}
        self.first = {place: self._now(place) for place in self.places}
        self.last = dict(self.first)
        self.redirected: list[str] = []
        if self.back:
            self.news.append(("", "back", tuple(self.back)))

    def leave(self) -> None:
        """Look no longer."""
        self.streams: tuple[Any, ...] | None = None
        self.news.clear()
        self.enter({}, NOTHING)

    def changes(self) -> list[tuple[str, str, Any]]:
        """Return what is new: a place, what to do there, and with what."""
        found: list[tuple[str, str, Any]]
        found, self.news = self.news, []
        for place, last in self.last.items():
            now = self._now(place)
            if now is last:
                continue
            self.last[place] = now
            if now is self.first[place] and not place.startswith("/"):
                found.append((place, "restore", None))
            elif now is _MISSING:
                found.append((place, "delete", None))
            else:
                found.append((place, "set", now))
        redirected = [
            name
            for name, usual in zip(_STREAMS, self.streams or (), strict=bool(self.streams))
            if getattr(sys, name) is not usual
        ]
        if redirected != self.redirected:
            self.redirected = redirected
            found.append(("", "redirect", tuple(redirected)))
        return found

    def accept(self, changes: Iterable[tuple[str, str, Any]]) -> None:
        """Take what the student's side tells.

        Raises
        ------
        Refused
            If that is not for it to tell.
        """
        for place, action, value in changes:
            if action == "print" and place in self.redirected and type(value) is str:
                getattr(sys, place).write(value)
            elif action == "set" and place in self.back:
                self.namespace[place] = self.last[f"/{place}"] = value
            else:
                raise Refused("what surrounds an answer is not for it to say")

    def _now(self, place: str) -> Any:
        owner, name = self.places[place]
        if owner is None:
            return self.namespace.get(name, _MISSING)
        return getattr(owner, name, _MISSING)


class Students:
    """The student's side, which follows."""

    def __init__(self, share: Callable[[Iterable[str], dict[str, Any]], None]) -> None:
        self.share = share
        self.namespace: dict[str, Any] = {}
        self.back: dict[str, Any] = {}
        self.first: dict[str, Any] = {}
        self.usual: dict[str, Any] = {}

    def leave(self) -> None:
        """Put back what belongs to the process; names stay, as a check leaves them."""
        for place, value in self.first.items():
            _put(place, value)
        self.first.clear()
        self._redirect(())
        self.back = {}

    def changes(self) -> list[tuple[str, str, Any]]:
        """Return what the judge has to be told."""
        found: list[tuple[str, str, Any]] = []
        for name in self.usual:
            stream = getattr(sys, name)
            if isinstance(stream, _Printed) and (text := stream.take()):
                found.append((name, "print", text))
        for name, last in self.back.items():
            now = self.namespace.get(name, _MISSING)
            if now is not last and now is not _MISSING:
                self.back[name] = now
                found.append((name, "set", now))
        return found

    def accept(self, changes: Iterable[tuple[str, str, Any]]) -> None:
        """Do what the judge's side says."""
        for place, action, value in changes:
            if action == "redirect":
                self._redirect(value)
            elif action == "classes":
                self.share(value, self.namespace)
            elif action == "back":
                self.back = {name: self.namespace.get(name, _MISSING) for name in value}
            elif place.startswith("/"):
                name = place[1:]
                if action == "delete":
                    self.namespace.pop(name, None)
                else:
                    self.namespace[name] = value
                if name in self.back:
                    self.back[name] = self.namespace.get(name, _MISSING)
            else:
                now = self.first.get(place, _MISSING)
                if place not in self.first:
                    found = _owner(place)
                    now = self.first[place] = getattr(*found, _MISSING) if found else _MISSING
                _put(place, {"restore": now, "delete": _MISSING}.get(action, value))

    def _redirect(self, names: Iterable[str]) -> None:
        for name in _STREAMS:
            if name in names and name not in self.usual:
                self.usual[name] = getattr(sys, name)
                setattr(sys, name, _Printed())
            elif name not in names and name in self.usual:
                setattr(sys, name, self.usual.pop(name))


class _Printed(io.StringIO):
    """What was printed since somebody took it."""

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text[:_MOST]


def _owner(place: str) -> tuple[Any, str] | None:
    """Return the module or class that has an attribute, and the attribute's name."""
    *path, name = place.split(".")
    for length in range(len(path), 0, -1):
        try:
            owner = importlib.import_module(".".join(path[:length]))
            for part in path[length:]:
                owner = getattr(owner, part)
        except (ImportError, AttributeError):
            continue
        return owner, name
    return None


def _put(place: str, value: Any) -> None:
    found = _owner(place)
    if found is None:
        return
    if value is _MISSING:
        vars(found[0]).pop(found[1], None)
    else:
        setattr(*found, value)
