"""Collect from nbgrader's exchange what students really handed in.

The exchange's inbound folder is writable by every student. nbgrader takes from it whatever bears a
student's name, follows links with the instructor's rights, and gives up on the class where one
folder cannot be read. :class:`CheckedCollect` stands in its place (``c.ExchangeFactory.collect`` in
``nbgrader_config.py``); the formgrader's button and ``nbgrader collect`` both use it.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns
from traitlets import Integer

from autograders.grading import times
from autograders.grading.names import unfit

MOST_FILES = 1_000  # in a submission; the course's has ten
_SECRET = re.compile(rb"[0-9a-f]{32,256}")
_KILOBYTE = 1000  # as nbgrader counts


class Refused(Exception):
    """A submission that is not collected; the message says why."""


class CheckedCollect(ExchangeCollect):
    """Collect submissions that belong to the student whose name they bear, file by file.

    A file is taken if it is a file, belongs to that student, and lies within nbgrader's limits
    (``c.CourseDirectory.max_file_size``, ``max_dir_size``). What cannot be taken is named in the
    log, and the rest of the class is collected. ``c.CheckedCollect.check_owner = False``, for
    exchanges where all users are one, takes everybody's word for who they are.
    """

    src_records: list[dict[str, Any]]

    grace = Integer(
        600, help="Seconds that the time of hand-in, as a folder states it, may be off."
    ).tag(config=True)

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Return whose a submission is and when it came; what must be refused is nobody's."""
        try:
            return self._checked(path, self._read_name(path))
        except (Refused, OSError) as why:
            self.log.error("Not collected: %s: %s", path, _reason(why))
            return {"username": None, "filename": path, "timestamp": datetime.min}

    def _read_name(self, path: str) -> dict[str, Any]:
        try:
            return super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):
            raise Refused("its name is not of nbgrader's making") from None

    def _checked(self, path: str, record: dict[str, Any]) -> dict[str, Any]:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            raise Refused("it is no folder")
        if self.check_owner and _name(found.st_uid) != record["username"]:
            raise Refused(f"it belongs to {_name(found.st_uid)}, who may not hand in for others")
        if why := unfit(record["username"]):
            raise Refused(why)
        # A student can write any time into a name, but cannot have changed a file before they did,
        # nor hand in at a time that is still to come.
        came = datetime.fromtimestamp(_changed(path), UTC).replace(tzinfo=None)
        ahead = record["timestamp"] - datetime.now(UTC).replace(tzinfo=None)
        if max(came - record["timestamp"], ahead) > timedelta(seconds=self.grace):
            self.log.warning("%s was handed in, or changed, at %s UTC", path, came)
            record["timestamp"] = came
        return record

    def copy_files(self) -> None:
        """Collect the submissions, each by way of a copy that nobody else can change."""
        times.forgive(self.coursedir, lambda said: self.log.warning("%s", said))
        records = [record for record in self.src_records if record["username"] is not None]
        self.check_owner = False  # it was checked; the copies are ours
        for record in records:
            with tempfile.TemporaryDirectory(prefix="nb") as private:
                copied = os.path.join(private, record["filename"])
                try:
                    self._take(Path(self.inbound_path, record["filename"]), Path(copied), record)
                except (Refused, OSError) as why:
                    self.log.error("Not collected: %s: %s", record["filename"], _reason(why))
                    continue
                # Of two paths the join in the base class keeps the absolute one.
                self.src_records = [{**record, "filename": copied}]
                super().copy_files()

    def _take(self, source: Path, target: Path, record: dict[str, Any]) -> None:
        """Copy a submission, with a time stamp and a secret that later commands can rely on."""
        owner = source.lstat().st_uid
        left = {"bytes": self.coursedir.max_dir_size * _KILOBYTE, "files": MOST_FILES}
        for folder, names, descriptor in self._walk(source):
            inside = target / os.path.relpath(folder, source)
            inside.mkdir(parents=True, exist_ok=True)
            for name in names:
                content = self._content(name, descriptor, owner, left)
                (inside / name).write_bytes(content)
        stamp = f"{record['timestamp']:%Y-%m-%d %H:%M:%S.%f} UTC"
        (target / "timestamp.txt").write_text(stamp, encoding="ascii")
        secret = target / "submission_secret.txt"
        if not (secret.is_file() and _SECRET.fullmatch(secret.read_bytes().strip())):
            secret.write_text(secrets.token_hex(64), encoding="ascii")

    def _walk(self, source: Path) -> Iterator[tuple[str, list[str], int]]:
        """Yield folders, the files to take from each, and a descriptor that stays with it."""
        ignored = ignore_patterns(
            exclude=self.coursedir.ignore, include=self.coursedir.include, log=self.log
        )
        for folder, folders, names, descriptor in os.fwalk(source, onerror=_raise):
            folders[:] = sorted({*folders} - {*ignored(folder, folders)})
            for name in folders:
                if stat.S_ISLNK(os.lstat(name, dir_fd=descriptor).st_mode):
                    raise Refused(f"{name} is a link")
            yield folder, sorted({*names} - {*ignored(folder, names)}), descriptor

    def _content(self, name: str, folder: int, owner: int, left: dict[str, int]) -> bytes:
        """Return what is in a file, if it is one, and the student's own."""
        if stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode):
            raise Refused(f"{name} is a link")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe must not make us wait
        with open(os.open(name, flags, dir_fd=folder), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Refused(f"{name} is no file")
            if found.st_uid != owner:
                raise Refused(f"{name} belongs to {_name(found.st_uid)}")
            allowed = min(self.coursedir.max_file_size * _KILOBYTE, left["bytes"])
            content = file.read(allowed + 1)
        left["bytes"] -= len(content)
        left["files"] -= 1
        if len(content) > allowed or left["files"] < 0:
            raise Refused(f"it is too large, or has more than {MOST_FILES} files")
        return content


def _changed(folder: str) -> float:
    """Return when something in a folder was last changed, as the system's clock has it."""
    inside = (
        os.lstat(name, dir_fd=descriptor).st_ctime
        for _, folders, names, descriptor in os.fwalk(folder, onerror=_raise)
        for name in (*folders, *names)
    )
    return max(os.lstat(folder).st_ctime, *itertools.islice(inside, MOST_FILES))


def _name(user: int) -> str:
    """Return a user's name.

    Examples
    --------
    >>> _name(0)
    'root'
    """
    import pwd  # only here, so that this file's settings can be read on Windows

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _raise(error: OSError) -> None:
    raise error


def _reason(why: Exception) -> str:
    if isinstance(why, OSError):
        return f"{os.path.basename(why.filename or '')} cannot be read ({why.strerror})"
    return str(why)
