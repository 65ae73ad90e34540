"""One side of the conversation: it asks, it answers, and it keeps both sides' objects equal.

One side is in control at a time, as in a single thread: whoever waits for an answer serves what it
is asked meanwhile. Every message brings along what has changed. :class:`Peer` leans on everything
else in this folder; the kernel and the judge's program lean on it.
"""

from __future__ import annotations

import importlib
import sys
import threading
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograders.grading.crossing.codecs import arrays, containers, errors, objects
from autograders.grading.crossing.errors import Ended, Gone, Refused
from autograders.grading.crossing.message import Reader, Writer
from autograders.grading.crossing.names import Names
from autograders.grading.crossing.operations import OPERATIONS, allowed, to_say
from autograders.grading.crossing.speakers import Speakers
from autograders.grading.crossing.standin import (
    OF_ITS_CLASS,
    Classes,
    FarClass,
    FarFunction,
    Functions,
    Others,
)
from autograders.grading.crossing.state import STATES, States
from autograders.grading.crossing.surroundings import Judges, Students
from autograders.grading.crossing.table import COPY, MINE, Table
from autograders.grading.crossing.wire import Line, dump

_OF_FILES = ("files", "keep")  # what is asked of the other side before it is asked for answers
DEEPEST = 50  # calls inside calls, from one side to the other and back
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, type(lru_cache(int)))
UNREADABLE = "What the answer passed to this check could not be read."


@dataclass(frozen=True)
class Course:
    """What both sides agree on.

    Attributes
    ----------
    packages : tuple of str
        Packages whose classes cross by name and whose objects cross by state.
    extensions : tuple of str
        Modules with codecs and states of the course's own: each has ``codecs(peer)``, ``STATES``
        and ``OPERATIONS``.
    largest : int
        The most megabytes that a message may have.
    imports : tuple of str
        Packages that the lab's source imports, whose modules cross by name.
    """

    packages: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    largest: int = 64
    imports: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: dict[str, Any]) -> Course:
        """Return what was written as JSON."""
        packages, extensions = tuple(given["packages"]), tuple(given["extensions"])
        return cls(packages, extensions, given["largest"], tuple(given["imports"]))

    def modules(self) -> list[Any]:
        """Return the extensions, imported once."""
        return [_extension(name) for name in self.extensions]


@lru_cache
def _extension(name: str) -> Any:
    """Import an extension; afterwards this package may be gone from where it was found."""
    return importlib.import_module(name)


class Peer:
    """One side.

    Parameters
    ----------
    course : Course
        What both sides agree on.
    judge : bool
        Whether this is the judge's side, which trusts nothing that it is told.
    """

    def __init__(self, course: Course, judge: bool) -> None:
        self.course, self.judge = course, judge
        self.names = Names(course.packages, course.imports)
        self.line: Line | None = None
        self.lock = threading.RLock()
        self.depth = 0
        self.requests = 0
        self.before_request: Callable[[], None] = lambda: None
        self.trace: list[str] = []
        self.spoken = False
        self.reading = False
        self.ended: Ended | None = None  # why this conversation is over, whoever caught it
        self.generation = 0
        body = {"_far_peer": self, "__slots__": (), **OF_ITS_CLASS}
        self.function_kind = type("function", (FarFunction,), body)
        self._library_base: Any = lru_cache(maxsize=1024)(self._nearest_of_library)
        self.operations = dict(OPERATIONS)
        states = list(STATES)
        self.table = Table(2 if judge else 1, weak=judge)
        codecs: list[Any] = [*containers.CODECS, arrays.Views(self.table), arrays.Arrays()]
        codecs.append(arrays.Generators())
        for extension in course.modules():
            codecs += extension.codecs(self)
            states += extension.STATES
            self.operations |= extension.OPERATIONS
        codecs += [errors.Errors(self), Classes(self), Functions(self)]
        codecs += [objects.Members(self), objects.Objects(self)]
        self.of_codecs = set(self.operations) - set(OPERATIONS)  # that the course's codecs ask for
        self.codecs = [*codecs, Others(self)]
        self._takers: Any = lru_cache(maxsize=1024)(self._which_take)
        self.by_tag = {codec.tag: codec for codec in self.codecs}
        self.states = States(states, judge)
        self.speakers = Speakers()
        own = {state.place for state in states}
        self.surroundings: Any = Judges(self.share, own) if judge else Students(self.share)

    # What a value is

    def by_name(self, value: Any) -> list[str] | None:
        """Return how something is written that both sides call by the same name."""
        kind = type(value)  # not what it says of itself
        if issubclass(kind, type):
            name = self.names.of_class(value)
            return None if name is None else ["k", name]
        if issubclass(kind, types.ModuleType):
            return ["m", value.__name__]
        if issubclass(kind, _FUNCTIONS):
            name = self.names.of_function(value)
            return None if name is None else ["f", name]
        return None

    def named(self, kind: str, name: Any) -> Any:
        """Return what the other side calls by a name."""
        if kind == "k":
            return self.names.the_class(name)
        if kind == "f":
            return self.names.the_function(name)
        found = sys.modules.get(name) if type(name) is str else None
        if found is None and not self.judge:
            found = importlib.import_module(name)
        if found is None and type(name) is str and name.partition(".")[0] in self.course.imports:
            try:
                found = importlib.import_module(name)
            except ImportError:
                found = None
        if found is None:
            raise Refused(f"there is no module {name!r:.80} here")
        return found

    def codec_of(self, value: Any) -> Any:
        """Return what writes an object."""
        for codec in self._takers(type(value)):
            if codec.fits(value):
                return codec
        raise AssertionError("the last codec takes everything")

    def _which_take(self, kind: type) -> list[Any]:
        return [codec for codec in self.codecs if codec.takes(kind)]

    def codec_for(self, tag: str) -> Any:
        """Return what makes an object of its state."""
        codec = self.by_tag.get(tag)
        if codec is None:
            raise Refused(f"there is no kind of object {tag!r:.20}")
        return codec

    def library_base(self, kind: type) -> type | None:
        """Return the nearest class of the library's that a class is, or is derived from."""
        return self._library_base(kind)

    def _nearest_of_library(self, kind: type) -> type | None:
        return next((base for base in kind.__mro__ if self.names.is_library(base)), None)

    def is_own(self, kind: type) -> bool:
        """Return whether a class was written here: in the notebook, or in a file beside it."""
        if self.names.of_class(kind) is not None or isinstance(kind, FarClass):
            return isinstance(kind, FarClass)
        module = sys.modules.get(getattr(kind, "__module__", None) or "")
        if module is None or getattr(module, "__name__", "") == "__main__":
            return kind.__module__ == "__main__" or self.library_base(kind) is not None
        file = getattr(module, "__file__", None) or ""
        return bool(file) and "site-packages" not in file and not file.startswith(sys.base_prefix)

    def share(self, names: Iterable[str], namespace: dict[str, Any]) -> None:
        """Call classes of the course's own cells by their names, on both sides."""
        self.names.share({name: namespace[name] for name in names if name in namespace})
        self._library_base.cache_clear()
        self._takers.cache_clear()

    # Conversations

    def connect(self, line: Line, generation: int | None = None) -> None:
        """Begin a conversation: :meth:`greet` and :meth:`begin`."""
        self.greet(line, generation)
        self.begin()

    def greet(self, line: Line, generation: int | None = None, seconds: float = 0) -> float:
        """Say, or hear, what kind of conversation it will be; no object crosses here.

        Parameters
        ----------
        line : Line
            To the other side.
        generation : int, optional
            For the judge to say: a new one knows nothing of objects that crossed before.
        seconds : float, optional
            For the judge to say: the other side should answer in a copy of its process, which may
            take so long; 0: there is no need for a copy.

        Returns
        -------
        float
            The seconds, on both sides.
        """
        self.line = line
        if self.judge:
            line.send(dump({"generation": generation, "seconds": seconds}), ())
        else:
            self.spoken = False
            said = line.receive()[0]
            self.spoken = True
            generation, seconds = said["generation"], said["seconds"]
        if generation != self.generation:
            self.generation = int(generation or 0)
            self.table.clear()
        return seconds

    def begin(self) -> None:
        """Begin: what changed since the last conversation crosses to the judge."""
        self.states.begin()
        self.ended = None
        self.depth = 0
        self.trace = []
        if not self.judge:
            self._send("ready")
        elif self._receive()[0] != "ready":
            raise Refused("the other side is not ready")

    def disconnect(self) -> None:
        """End it."""
        try:
            self.states.end()
            self.surroundings.leave()
        finally:
            if self.line is not None:
                self.line.close()
                self.line = None

    def request(self, operation: str, /, *values: Any, **keywords: Any) -> Any:
        """Have the other side do something, and return what comes of it."""
        if self.line is None:
            raise RuntimeError("an answer can be asked for only while its check runs")
        with self.lock:
            self._go_on()
            if self.reading:
                raise Refused("a value has to be asked for what it is")
            if operation not in _OF_FILES:
                self.before_request()
            if self.depth >= DEEPEST:
                raise RecursionError("answer and check call each other without end")
            self.depth += 1
            self.requests += 1
            try:
                self._send("do", values, keywords, operation)
                while True:
                    kind, found, more, asked = self._receive()
                    if kind == "do":
                        self._answer(asked, found, more)
                    elif kind == "return":
                        return found[0]
                    elif kind == "raise":
                        raise found.pop()  # else it would hold itself, by its frames
                    else:
                        raise Refused(f"nobody expected {kind!r:.40}")
            except Ended as error:
                self.ended = error
                raise
            finally:
                self.depth -= 1

    def _go_on(self) -> None:
        """Make sure that the conversation is not over, though a bare ``except`` hid that it is."""
        if self.ended is not None:
            raise self.ended

    def names_in(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what the other side's notebook binds to names, those that it does."""
        found = self.request("names", *names)
        pairs = found if type(found) is tuple else ()
        if not all(type(pair) is tuple and len(pair) == 2 and pair[0] in names for pair in pairs):
            raise Refused(UNREADABLE)
        return dict(pairs)

    def serve(self, namespace: dict[str, Any]) -> None:
        """Do what the other side asks for, until it says that this is all.

        Parameters
        ----------
        namespace : dict
            What names of the notebook are bound to.
        """

        def look_up(*names: str) -> Any:
            return tuple((name, namespace[name]) for name in names if name in namespace)

        self.operations["names"] = look_up
        self.surroundings.namespace = namespace
        with self.lock:
            while True:
                kind, found, more, asked = self._receive()
                if kind == "end":
                    self._send("end")
                    return
                if kind != "do":
                    raise Refused(f"nobody expected {kind!r:.40}")
                self._answer(asked, found, more)

    def refuse(self, why: str) -> None:
        """Say that what was asked for cannot be said."""
        if self.line is not None:
            nothing: list[Any] = []
            message = {"k": "refuse", "o": why, **dict.fromkeys("vwstgnp", nothing)}
            try:
                self.line.send(dump(message), ())
            except Ended:
                return  # nobody listens any more

    def end(self) -> None:
        """Say that this is all, and let the other side have what has changed."""
        with self.lock:
            self._go_on()
            self._send("end")
            kind, *_ = self._receive()
            if kind != "end":
                raise Refused(f"nobody expected {kind!r:.40}")

    def _answer(self, operation: str, values: list[Any], keywords: dict[str, Any]) -> None:
        try:
            if self.judge:
                if operation not in self.of_codecs:
                    allowed(operation, self._handed_out, self._is_copy, values)
                elif not values or not self._is_mine(values[0]):
                    raise Refused(f"{operation!r} was asked for something that was not handed out")
            do = self.operations.get(operation)
            if do is None:
                raise Refused(f"there is no {operation!r:.40}")
            found = do(*values, **keywords)
        except (Ended, KeyboardInterrupt):
            raise
        except BaseException as error:
            self._send("raise", (error,), trace=() if self.judge else to_say(error))
        else:
            self._send("return", (found,))

    def _is_mine(self, thing: Any) -> bool:
        entry = self.table.find(thing)
        return entry is not None and entry.kind == MINE

    def _is_copy(self, thing: Any) -> bool:
        entry = self.table.find(thing)
        return entry is not None and entry.kind == COPY

    def _handed_out(self, thing: Any) -> bool:
        """Return whether something lives here, and may be asked for from there."""
        entry = self.table.find(thing)
        if entry is None:
            return False
        own = entry.kind == COPY and not isinstance(type(thing), FarClass)
        return entry.kind == MINE or (own and self.names.of_class(type(thing)) is None)

    def _send(
        self,
        kind: str,
        values: tuple[Any, ...] = (),
        keywords: dict[str, Any] | None = None,
        operation: str = "",
        trace: Any = (),
    ) -> None:
        if self.line is None:
            raise Gone("the other side hung up")
        writer = Writer(self)
        message = {
            "k": kind,
            "o": operation,
            "v": [writer.slot(value) for value in values],
            "w": [[name, writer.slot(value)] for name, value in (keywords or {}).items()],
            "s": [[name, writer.slot(value)] for name, value in self.states.changes()],
            "p": [[*what, writer.slot(value)] for *what, value in self.surroundings.changes()],
            "t": list(trace),
        }
        writer.all_changes()
        self.table.let_go()
        message["g"] = self.table.take_gone()
        message["n"] = writer.nodes
        self.line.send(dump(message), writer.contents)

    def _receive(self) -> tuple[str, list[Any], dict[str, Any], str]:
        if self.line is None:
            raise Gone("the other side hung up")
        message, contents = self.line.receive()
        self.reading = True
        try:
            return self._read(message, contents)
        except Ended:
            raise
        except Exception:
            if not self.judge:
                raise
            raise Refused(UNREADABLE) from None
        finally:
            self.reading = False

    def _read(
        self, message: Any, contents: memoryview
    ) -> tuple[str, list[Any], dict[str, Any], str]:
        reader = Reader(self, message["n"], contents)
        values = reader.values(message["v"])
        keywords = {name: reader.value(slot) for name, slot in message["w"]}
        for number in message["g"]:  # what is read may still refer to it
            entry = self.table.entries.get(number)
            if entry is not None and (entry.kind == MINE or not self.judge):
                self.table.forget(number)
        self.states.accept([(name, reader.value(slot)) for name, slot in message["s"]])
        around = [(place, action, reader.value(slot)) for place, action, slot in message["p"]]
        self.surroundings.accept(around)
        if self.judge:
            steps = [step for step in message["t"] if type(step) is str]
            self.trace = [step[:300] for step in steps[:5]] or self.trace
        kind, operation = message["k"], message["o"]
        if type(kind) is not str or type(operation) is not str:
            raise Refused("a message is malformed")
        if kind == "refuse":
            raise Refused(operation[:300])
        if kind == "raise" and not (values and isinstance(values[0], BaseException)):
            raise Refused("what was raised is no error")
        if kind == "return" and len(values) != 1:
            raise Refused("an answer has no value")
        return kind, values, keywords, operation
