"""Grading on more than one machine: a real Dask cluster, a real PostgreSQL, all on this one."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograders.batch.cluster import ClusterError, ClusterWorkers
from autograders.batch.outcome import Status
from autograders.tests import pretend
from autograders.tests.batch_runs import grade, in_child, ran, state, wait_for

CLASS = [f"s{number}" for number in range(4)]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    root = tmp_path_factory.mktemp("untouched") / "course"
    pretend.make(root, CLASS)
    return root


@pytest.fixture
def course(untouched, tmp_path, monkeypatch):
    root = tmp_path / "course"
    shutil.copytree(untouched, root)
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "log"))
    return root


# Dask


@contextmanager
def cluster(folder, workers=2):
    """Start a scheduler and workers, each a process; yield the scheduler's address."""
    said = folder / "scheduler.json"
    scheduler = ["dask", "scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard"]
    worker = ["dask", "worker", "--nthreads=1", "--no-dashboard", f"--local-directory={folder}"]
    with (folder / "dask.log").open("w") as log:
        started = [
            start([*scheduler, f"--scheduler-file={said}"], log),
            *(start([*worker, f"--scheduler-file={said}"], log) for _ in range(workers)),
        ]
        try:
            wait_for(lambda: said.exists() and said.read_text())
            yield json.loads(said.read_text())["address"]
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()


def start(command, log):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return subprocess.Popen(command, stdout=log, stderr=log, env=environment)


def test_a_cluster_gives_the_same_grades_though_a_worker_is_killed(course, tmp_path):
    """Killed while it has a lab; another one gets the lab."""
    other = tmp_path / "other"
    pretend.hand_in(course, "s1", pretend.WRONG, note=f"# die once {tmp_path / 'died'}")
    shutil.copytree(course, other)
    with cluster(tmp_path) as address:
        show, stop = grade(course, workers=ClusterWorkers(address, lambda said: None))
    assert stop is None
    assert (tmp_path / "died").exists()
    assert [one.status for one in show.outcomes] == [Status.DONE] * len(CLASS)
    runs = [line for line in ran(tmp_path / "log") if line[0] == "ran" and line[1] == "s1"]
    assert len(runs) >= 3  # two labs, and one of them again
    grade(other)
    assert state(course) == state(other)


def test_a_cluster_that_is_not_there_is_named():
    with pytest.raises(ClusterError, match=r"no Dask cluster to work with at tcp://127.0.0.1:9 "):
        ClusterWorkers("tcp://127.0.0.1:9", lambda said: None, patience=1)


# PostgreSQL


@pytest.fixture(scope="module")
def postgresql():
    """Start a server that listens on a Unix socket only; yield the folder of its socket."""
    home = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's name must be short
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else None  # it refuses to run as root
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    programs = os.pathsep.join([*map(str, reversed(found)), os.environ["PATH"]])
    where = {"PATH": programs, "LC_ALL": "C.UTF-8"}

    def program(*command):
        finished = subprocess.run(
            [shutil.which(command[0], path=programs) or command[0], *command[1:]],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd=home,
            env=where,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr

    data = str(home / "data")
    program("initdb", "--pgdata", data, "--username=grader", "--auth=trust", "--no-sync")
    options = f"-k {home} -c listen_addresses= -c fsync=off"
    log = str(home / "log")
    program("pg_ctl", "--pgdata", data, "-o", options, "-l", log, "-w", "start")
    yield home
    program("pg_ctl", "--pgdata", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(home)


@pytest.fixture
def url(postgresql):
    """Return the address of a new database."""
    import psycopg

    name = f"course{time.monotonic_ns()}"
    with psycopg.connect(f"host={postgresql} user=grader dbname=postgres", autocommit=True) as made:
        made.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://grader@/{name}?host={postgresql}"


def test_two_graders_share_a_gradebook_in_postgresql(url, tmp_path, course):
    root = tmp_path / "postgresql"
    pretend.make(root, CLASS, url)
    children = [in_child(lambda: grade(root)) for _ in range(2)]
    for child in children:
        child.join()
        assert child.exitcode == 0
    runs = [line[1:] for line in ran(tmp_path / "log") if line[0] == "ran"]
    assert len(runs) == len(set(runs)) == 2 * len(CLASS)
    grade(course)
    assert state(root, url) == state(course)
