"""Copy from the gradebook how the labs were released, for workers that must not see the rest.

nbgrader's preprocessors ask the gradebook for the cells of a lab. What they find in this copy is
the same, and there is no student in it. :mod:`autograders.batch.stages` makes it,
:mod:`autograders.batch.worker` opens it; it leans on :mod:`autograders.batch.gradebook`.
"""

from __future__ import annotations

import threading

from nbgrader.api import Base
from sqlalchemy import StaticPool, create_engine, insert, select

from autograders.batch.gradebook import KeptGradebook

_TABLES = (
    "course",
    "assignment",
    "notebook",
    "base_cell",
    "grade_cells",
    "solution_cells",
    "task_cells",
    "source_cell",
)


def extract(db_url: str) -> bytes:
    """Return a gradebook without students, as the bytes of an SQLite file.

    Parameters
    ----------
    db_url : str
        The gradebook's address, as SQLAlchemy writes it.
    """
    theirs = create_engine(db_url)
    ours = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(ours)
    with theirs.connect() as source, ours.begin() as copy:
        for table in Base.metadata.sorted_tables:
            if table.name in _TABLES and (rows := source.execute(select(table)).mappings().all()):
                copy.execute(insert(table), [dict(row) for row in rows])
    connection = ours.raw_connection().driver_connection
    assert connection is not None
    content: bytes = connection.serialize()
    theirs.dispose()
    ours.dispose()
    return content


_opened = threading.local()


def address(content: bytes) -> str:
    """Return the address of what :func:`extract` returned, in this thread's memory.

    It stays open until the thread asks for another one.
    """
    if getattr(_opened, "content", None) != content:
        name = f"file:released_{threading.get_ident()}"
        kept = KeptGradebook(f"sqlite:///{name}?mode=memory&uri=true")
        with create_engine(kept.url).connect() as connection:
            connection.connection.driver_connection.deserialize(content)  # type: ignore[union-attr]
        _opened.content, _opened.url = content, kept.url
    url: str = _opened.url
    return url
