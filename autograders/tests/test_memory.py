"""Where memory is short, graders say so, keep less, and know who died of it."""

import itertools

import pytest
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp

from autograders.grading.sandbox import memory, room, warm
from autograders.tests import hostile_class
from autograders.tests.kernels import kernel
from autograders.tests.pretend import nbgrader

NEW = {
    "memory.max": "1000",
    "memory.current": "900",
    "memory.stat": "anon 500\ninactive_file 300\n",
    "memory.events": "oom 4\noom_kill 3\n",
}
OLD = {
    "memory.limit_in_bytes": "1000",
    "memory.usage_in_bytes": "900",
    "memory.stat": "inactive_file 1\ntotal_inactive_file 300\n",
    "memory.oom_control": "under_oom 0\noom_kill 3\n",
}
GROUPS = {"": "0::/a/b", "memory": "4:memory:/a/b\n0::/"}


@pytest.fixture(params=[("", NEW), ("memory", OLD)], ids=["cgroup2", "cgroup"])
def group(request, tmp_path, monkeypatch):
    """Return the folder of a control group, and have it be ours."""
    kind, files = request.param
    (tmp_path / "table").write_text(GROUPS[kind])
    folder = tmp_path / kind / "a" / "b"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    ours = memory._ours(tmp_path / "table")
    monkeypatch.setattr(memory, "ROOT", tmp_path)
    monkeypatch.setattr(memory, "_ours", lambda: ours)
    return folder


def test_what_is_free_is_what_the_control_group_leaves_without_files_that_can_go(group):
    assert memory.free() == 1000 - (900 - 300)
    for path in [*group.iterdir()]:  # a tighter one above it counts too
        (group.parent / path.name).write_text(path.read_text().replace("1000", "700"))
    assert memory.free() == 700 - (900 - 300)


def test_who_was_ended_for_want_of_memory_is_counted(group):
    shortage = memory.Shortage()
    assert not shortage
    for path in group.iterdir():
        path.write_text(path.read_text().replace("oom_kill 3", "oom_kill 4"))
    assert shortage


def test_without_a_group_the_machine_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "ROOT", tmp_path)
    assert memory.free() > 0
    assert memory.kills() >= 0


@pytest.mark.usefixtures("one_thread")
def test_no_lab_is_kept_where_memory_is_short(work, monkeypatch, caplog):
    monkeypatch.setattr(warm, "kept", warm._Kept())
    monkeypatch.setattr(room, "said", {})
    made = []
    for lab in ("01_sparsity", "02_magnitude_pruning"):
        with kernel(work, warm=True, lab=lab) as asked:
            made.append(asked.manager.room.born.lab)
    assert [lab.alive() for lab in made] == [True, True]
    monkeypatch.setattr(memory, "free", lambda: warm.SPARE // 4)
    with kernel(work, warm=True, lab="03_sparse_training"):
        assert [lab.alive() for lab in made] == [False, False]
    warm.kept.close()
    told = [r.getMessage() for r in caplog.records if "of memory are free" in r.getMessage()]
    assert len(told) == 1
    assert told[0].startswith("128 MB of memory are free, and grading a lab may take")


def test_python_that_was_ended_for_want_of_memory_is_told_apart(tmp_path, monkeypatch):
    killed = next(work for work in hostile_class.attacks() if work.name == "killed")
    counted = itertools.count()
    monkeypatch.setattr(memory, "kills", lambda: next(counted))
    course = tmp_path / "course"
    hostile_class.make_course(course, [killed])
    nbgrader(course, GenerateAssignmentApp, "tiny")
    nbgrader(course, AutogradeApp, "tiny")
    graded = (course / "autograded/killed/tiny/01_tiny.ipynb").read_text()
    assert "The machine that grades ran out of memory" in graded
    assert all(flagged for _, flagged in hostile_class.scores(course)["killed"].values())
