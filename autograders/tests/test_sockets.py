"""A kernel finds its sockets wherever the folder for temporary files is."""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from nbgrader.converters import NbGraderException
from traitlets.config import Config

from autograders.grading.sandbox import (
    About,
    Sandbox,
    SandboxError,
    SandboxKernelManager,
    provisioner,
    sockets,
)
from autograders.grading.submission import SubmissionExporter
from autograders.tests.kernels import kernel

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def at(monkeypatch):
    """Return a function that has temporary files lie in a new folder, and names it."""
    with ExitStack() as stack:

        def at(parent, *names):
            above = stack.enter_context(tempfile.TemporaryDirectory(dir=parent))
            folder = Path(above, *names)
            folder.mkdir(parents=True, exist_ok=True)
            monkeypatch.setattr(tempfile, "tempdir", str(folder))
            return folder

        yield at


PLACES = {
    "long": ("/tmp", 130 * "x"),
    "odd letters": ("/tmp", "a room: ü, 数"),
    "not below /tmp": ("/var/tmp", "x"),
}
ROOMS = {
    "forked": {"warm": True},
    "started": {"warm": False},
    "none": {"warm": False, "isolation": "none"},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_a_kernel_answers(place, room, work, at):
    folder = at(*place)
    with kernel(work, **room) as asked:
        assert asked("1 + 1") == 2
        for line in asked.manager.lines(1):
            line.close()
        elsewhere = room is ROOMS["none"] and place is PLACES["long"]
        assert (asked.manager.folder.parent == folder) is not elsewhere


def test_what_cannot_be_a_folder_for_sockets_is_passed_over(tmp_path):
    file = tmp_path / "file"
    file.touch()
    letters = "/" + 42 * "é"  # bytes count, not letters
    assert sockets.place([str(file), "/there/is/none", letters, "/tmp"]) == "/tmp"


def test_where_there_is_no_place_nothing_is_graded_and_the_fix_is_named(monkeypatch, at):
    folder = at("/tmp", 120 * "x")
    monkeypatch.setattr(sockets, "_places", lambda: [str(folder)])
    with pytest.raises(SandboxError, match="TMPDIR=/path/to/folder"):
        sockets.folder()
    alone = Config(Sandbox={"isolation": "none"})
    with pytest.raises(NbGraderException, match="at most 79 bytes"):
        SubmissionExporter(config=alone)


def test_a_kernel_that_never_has_its_sockets_is_ended(work, monkeypatch):
    monkeypatch.setattr(provisioner, "PATIENCE", 0)
    about = About("17_compression", "01_sparsity")
    manager = SandboxKernelManager(sandbox=Sandbox(warm=False), about=about, work=work)
    with pytest.raises(RuntimeError, match="before it had its sockets"):
        asyncio.run(manager.start_kernel())
    assert manager.provisioner.process.wait(120) != 0
    manager.cleanup_connection_file()


SLEEPS = """
import time
try:
    print("asleep", flush=True)
    time.sleep(300)
except KeyboardInterrupt:
    print("woken")
"""


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_a_kernel_can_be_interrupted(room, work):
    with kernel(work, **room) as asked:
        began = []  # tasks, held so that they are not forgotten

        def interrupt(text):
            if "asleep" in text:
                began.append(asked.loop.create_task(asked.manager.interrupt_kernel()))

        told = asked.run(SLEEPS, interrupt)
        assert told == "asleep\nwoken\n"
