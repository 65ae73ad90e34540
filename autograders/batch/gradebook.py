"""Keep nbgrader's gradebook open, and write what belongs to one submission in one transaction.

nbgrader opens the gradebook anew in each of its preprocessors, prepares every query again each
time, and commits after each cell. :class:`KeepOpen` plugs into SQLAlchemy, by a word in the
gradebook's URL, what keeps one connection and the prepared queries, and :class:`KeptGradebook` puts
commits off until the end. :mod:`autograders.batch.stages` leans on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import CreateEnginePlugin
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from autograders.batch.outcome import BatchError

PLUGIN = "autograders_keep_open"
BUSY = 10  # seconds that SQLite itself waits for another writer

Result = TypeVar("Result")


class GradebookBusyError(BatchError):
    """The gradebook could not be read or written; the message says why, and what to do."""


class _KeptPool(StaticPool):
    """One connection for everything, which survives the engine that opened it."""

    def dispose(self) -> None:
        """Keep the connection: nbgrader calls this each time that it is done for now."""

    def recreate(self) -> _KeptPool:
        """Return this pool: the next engine finds its connection."""
        return self

    def end(self) -> None:
        """Close the connection."""
        super().dispose()


@dataclass
class _Kept:
    """What the engines of one URL share, once the first of them is there."""

    pool: _KeptPool | None = None
    dialect: Any = None  # SQLAlchemy's Dialect, with two methods of our own
    queries: dict[Any, Any] = field(default_factory=dict)
    held: bool = False
    busy: float = BUSY


class KeepOpen(CreateEnginePlugin):
    """Gives every engine of one URL the same connection, dialect and prepared queries."""

    kept: ClassVar[dict[str, _Kept]] = {}

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        self.share = self.kept[_key(url)]
        if self.share.pool is None:
            kwargs["poolclass"] = _KeptPool
            kwargs["pool_reset_on_return"] = None  # a transaction goes on in the next session
            if url.get_backend_name() == "sqlite":
                kwargs["connect_args"] = {"timeout": self.share.busy}
        else:
            kwargs["pool"] = self.share.pool
            kwargs["_initialize"] = False  # the first engine's listeners are the pool's for good

    def update_url(self, url: URL) -> URL:
        """Return the URL as it is: there is nothing in it for this plug-in."""
        return url

    def engine_created(self, engine: Engine) -> None:
        """Share what was made with the first engine."""
        share = self.share
        if share.dialect is None:
            assert isinstance(engine.pool, _KeptPool)
            share.pool, share.dialect = engine.pool, engine.dialect
            share.dialect.do_commit = _unless_held(share, share.dialect.do_commit)
            share.dialect.do_rollback = _unless_held(share, share.dialect.do_rollback)
            share.dialect.has_table = _once_true(share.dialect.has_table)
        engine.dialect = share.dialect  # queries are prepared for a dialect, and it is set up once
        engine.update_execution_options(compiled_cache=share.queries)


plugins.register(PLUGIN, __name__, "KeepOpen")


class KeptGradebook:
    """nbgrader's gradebook, opened once.

    Parameters
    ----------
    db_url : str
        As in nbgrader's settings.
    patience : float
        Seconds to go on trying when somebody else is writing.
    tell : callable
        Called with a sentence when there is something to wait for.

    Attributes
    ----------
    url : str
        To be given to nbgrader in place of `db_url`: what it opens by this name stays open.
    """

    def __init__(
        self, db_url: str, patience: float = 60, tell: Callable[[str], None] = lambda said: None
    ) -> None:
        url = make_url(db_url).update_query_dict({"plugin": PLUGIN}, append=True)
        self.url = url.render_as_string(hide_password=False)
        self.patience, self.tell = patience, tell
        self._share = KeepOpen.kept[_key(url)] = _Kept(busy=min(BUSY, patience))

    def write(self, work: Callable[[], Result]) -> Result:
        """Do some work; what it writes into the gradebook gets there as a whole or not at all.

        Raises
        ------
        GradebookBusyError
            If the gradebook stays locked, or cannot be written, for as long as `patience`.
        """
        return self._try(lambda: self._hold(work, keep=True))

    def read(self, work: Callable[[], Result]) -> Result:
        """Do some work, and undo what it writes into the gradebook."""
        return self._try(lambda: self._hold(work, keep=False))

    def close(self) -> None:
        """Close the connection."""
        if self._share.pool is not None:
            self._share.pool.end()

    def _try(self, work: Callable[[], Result]) -> Result:
        end, pause = time.monotonic() + self.patience, 0.1
        while True:
            try:
                return work()
            except Exception as error:
                why = _operational(error)
                if why is None:
                    raise
                if time.monotonic() > end:
                    raise GradebookBusyError(
                        f"the gradebook could not be used for {self.patience:g} seconds: {why}"
                    ) from error
                self.tell(f"the gradebook cannot be used for the moment: {why}")
                self.close()  # the server may have ended the connection
                time.sleep(pause)
                pause = min(2 * pause, 5)

    def _hold(self, work: Callable[[], Result], keep: bool) -> Result:
        share = self._share
        with self._held():
            result = work()
            share.held = False
            if share.pool is not None:
                _finish(share, keep)
        return result

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._share.held = True
        try:
            yield
        except BaseException:
            self._share.held = False
            self.close()  # and with it what was written
            raise


def _operational(error: BaseException | None) -> str | None:
    """Return what the database says it cannot do just now; nbgrader may have wrapped it."""
    while error is not None:
        if isinstance(error, OperationalError):
            return str(error.orig)
        error = error.__cause__ or error.__context__
    return None


def _finish(share: _Kept, keep: bool) -> None:
    """Commit what the kept connection holds, or roll it back."""
    assert share.pool is not None
    connection = share.pool.connect()
    try:
        (share.dialect.do_commit if keep else share.dialect.do_rollback)(connection)
    except BaseException:
        connection.invalidate()
        raise
    connection.close()


def _unless_held(share: _Kept, act: Callable[[Any], None]) -> Callable[[Any], None]:
    def do(connection: Any) -> None:
        if not share.held:
            act(connection)

    return do


def _once_true(has_table: Callable[..., bool]) -> Callable[..., bool]:
    """Return a function that asks for a table until it is there: nbgrader asks for 14 each time."""
    known: set[str] = set()

    def ask(connection: Any, name: str, *arguments: Any, **options: Any) -> bool:
        if name not in known and has_table(connection, name, *arguments, **options):
            known.add(name)
        return name in known

    return ask


def _key(url: URL) -> str:
    return url.difference_update_query(["plugin"]).render_as_string(hide_password=False)
