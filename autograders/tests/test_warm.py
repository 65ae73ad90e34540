"""A kernel that is forked is as alone, as bound and as new as one that is started."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp

from autograders.grading.sandbox import Template, bubblewrap, room, warm
from autograders.tests import hostile_class
from autograders.tests.kernels import kernel
from autograders.tests.pretend import nbgrader

pytestmark = pytest.mark.usefixtures("one_thread")


# What Linux says that a process is and may do, apart from numbers that are never the same.
SELF = """{
    "rights": [line for line in open("/proc/self/status").read().splitlines()
               if line.startswith(("NoNew", "Seccomp", "Groups", "Cap"))],
    "limits": [__import__("resource").getrlimit(number) for number in range(16)],
    "mounts": sorted({line.split()[4] + " " + line.split()[5]
                      for line in open("/proc/self/mountinfo")}),
    "environment": dict(os.environ),
    "path": __import__("sys").path,
    "signals": [line for line in open("/proc/self/status").read().splitlines()
                if line.startswith(("SigBlk", "SigIgn"))],
    "folders_open": [os.readlink(path) for path in glob.glob("/proc/self/fd/*")
                     if os.path.isdir(path) and not path.endswith("/fd")],
    "there": sorted(os.listdir("/") + os.listdir("/dev")),
    "cwd": os.getcwd(),
    "mask": os.umask(0o022),
    "first_to_go": int(open("/proc/self/oom_score_adj").read()),
    "argv": __import__("sys").argv,
}"""
USER = "[os.getresuid(), os.getresgid()]"


def test_a_forked_kernel_is_what_a_started_one_is(work, way):
    with kernel(work, warm=False) as started, kernel(work, warm=True) as forked:
        first, second = started(SELF), forked(SELF)
        users = started(USER), forked(USER)
        rights = forked("[line for line in open('/proc/self/status') if line.startswith('Cap')]")
    for name in first:
        assert second[name] == first[name], name
    assert first["first_to_go"] == 500
    assert len(rights) == 5
    assert all(line.split()[1] == 16 * "0" for line in rights), rights
    for user, group in users:
        assert len({*user}) == len({*group}) == 1
        assert user[0] != 0 or not bubblewrap.check().as_root


def test_kernels_of_one_zygote_do_not_meet(work, way):
    spaces = "[os.readlink(p) for p in sorted(glob.glob('/proc/self/ns/*')) if 'time' not in p]"
    seen = "sorted(glob.glob('/tmp/*') + glob.glob('/tmp/scratch/lab/*'))"
    with kernel(work, warm=True) as first, kernel(work, warm=True) as second:
        assert first.manager.room.born.lab is second.manager.room.born.lab
        before = second(seen)
        assert first("[open(p, 'w').write('x') for p in ('/tmp/a', '/tmp/scratch/lab/a')]") == [
            1,
            1,
        ]
        assert second(seen) == before
        assert "/tmp/a" not in before
        mine, theirs = first(spaces), second(spaces)
        ours = [os.readlink(p) for p in sorted(Path("/proc/self/ns").iterdir())]
        kinds = {name.split(":")[0] for name in mine}
        assert {"mnt", "pid", "net", "ipc", "uts"} <= kinds
        common = set(mine) & (set(theirs) | set(ours))
        assert {name.split(":")[0] for name in common} <= {"user", "cgroup"}
        assert first("[p for p in os.listdir('/proc') if p.isdigit()]") <= ["1", "2", "3"]
        assert first("__import__('socket').if_nameindex()") == [[1, "lo"]]
        # Neither the process that forked it nor the group of that can be reached.
        assert first("[os.getppid(), os.getpgid(0) == os.getpid()]") == [0, True]


def test_what_a_kernel_changes_is_gone_with_it(work):
    with kernel(work, warm=True) as asked:
        assert asked("setattr(np, 'allclose', print) or setattr(json, 'mark', 1)") is None
        assert asked("hasattr(json, 'mark')") is True
    with kernel(work, warm=True) as asked:
        assert asked("[hasattr(json, 'mark'), np.allclose is print]") == [False, False]


def test_limits_hold_in_a_forked_kernel(work):
    code = "(lambda: [1])() and __import__('numpy').ones(2**27).size"
    with (
        kernel(work, warm=True, memory=900) as asked,
        pytest.raises(AssertionError, match="Memory"),
    ):
        asked(code)
    with kernel(work, warm=True, memory=2500) as asked:
        assert asked(code) == 2**27


CELLS = (
    "import random\nimport numpy as np\nimport matplotlib.pyplot as plt",
    "random.seed(1)\nnp.random.seed(2)\nrng = np.random.default_rng(3)\nprint('seeded')\n5",
    "plt.plot([1, 2])\nplt.title('seen')\nx = rng.random()",
)
STATE = "[random.random(), np.random.random(), rng.random(), x, _2, len(In), sorted(Out), _ih[1]]"


def test_cells_run_beforehand_leave_what_they_leave_in_any_kernel(work):
    template = Template(("numpy", "matplotlib.pyplot"), CELLS)
    with kernel(work, warm=True, template=template) as asked:
        shown = asked.manager.shown
        forked = asked(STATE)
    with kernel(work, warm=True, template=template) as asked:
        assert asked(STATE) == forked
    with kernel(work, warm=False) as asked:
        for cell in CELLS:
            asked.run(cell)
        assert asked(STATE) == forked
    assert [cell["count"] for cell in shown] == [1, 2, 3]
    assert shown[1]["outputs"] == [
        ["stream", {"name": "stdout", "text": "seeded\n"}],
        ["execute_result", {"data": {"text/plain": "5"}, "metadata": {}, "execution_count": 2}],
    ]
    kinds = [(kind, sorted(content["data"])) for kind, content in shown[2]["outputs"]]
    assert ("display_data", ["image/png", "text/plain"]) in kinds


def test_without_cells_random_numbers_are_new(work):
    template = Template(("numpy",), ())
    drawn = []
    for _ in range(2):
        with kernel(work, warm=True, template=template) as asked:
            drawn.append(
                asked("[__import__('random').random(), __import__('numpy').random.rand()]")
            )
    assert not {*drawn[0]} & {*drawn[1]}


@pytest.mark.parametrize(
    "cell",
    [
        "open('left', 'w').close()",
        "1 / 0",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()",
        "import socket\nline = socket.socket()",
        "import mmap\npage = mmap.mmap(-1, 4096)",
        "from IPython.display import display\nhandle = display(1, display_id='later')",
        "from IPython.display import clear_output\nclear_output()",
        "import os\nos._exit(0)",
    ],
    ids=["file", "error", "thread", "socket", "memory", "handle", "clear", "exit"],
)
def test_a_cell_that_leaves_more_than_values_is_run_by_everyone(work, cell):
    template = Template((), ("one = 1", cell, "two = 2"))
    with kernel(work, warm=True, template=template) as asked:
        assert len(asked.manager.shown) == 1
        assert asked("one") == 1
        assert asked("'two' in globals()") is False


def test_a_submission_that_begins_otherwise_starts_where_it_differs(work, monkeypatch):
    monkeypatch.setattr(warm, "WORTH", 0)
    template = Template((), ("a = 1", "b = a + 1", "c = b + 1"))
    names = "sorted({'a', 'b', 'c'} & set(globals()))"
    for cells, there in ((template.cells, "abc"), (("a = 1", "b = 7"), "a"), (("a = 2",), "")):
        with kernel(work, warm=True, template=template, cells=cells) as asked:
            assert "".join(asked(names)) == there


def test_where_nothing_can_be_forked_kernels_are_started(work, monkeypatch, caplog):
    def no_zygote(*_):
        raise warm.WarmError("no zygote today")

    monkeypatch.setattr(warm, "WarmLab", no_zygote)
    template = Template(("json",), ("a = 1",))
    with kernel(work, warm=True, template=template, forked=False) as asked:
        assert asked("1 + 1") == 2
    assert asked.manager.shown == ()


@pytest.fixture
def nothing_kept(monkeypatch):
    """Let no zygote of this test, and nothing that it finds out, be there in another one."""
    monkeypatch.setattr(warm, "kept", warm._Kept())
    yield
    warm.kept.close()


@pytest.mark.parametrize("known", [True, False], ids=["rehearsed", "at the first kernel"])
def test_where_linux_lets_nothing_move_all_kernels_are_started(
    work, way, known, monkeypatch, caplog, nothing_kept
):
    """As under Ubuntu's AppArmor profile bwrap-userns-restrict, which leaves no capability."""
    monkeypatch.setattr(room, "said", {})
    if known:
        monkeypatch.setattr(bubblewrap, "_ZYGOTE", ())
    else:
        with kernel(work, warm=True):
            monkeypatch.setattr(warm.Zygote, "ask", refused)
        with pytest.raises(RuntimeError, match=r"setns: Operation not permitted"):
            kernel(work, warm=True).__enter__()
    for lab in ("02_magnitude_pruning", "03_sparse_training"):
        with kernel(work, warm=True, lab=lab, forked=False) as asked:
            assert asked("1 + 1") == 2
    told = [record.getMessage() for record in caplog.records if "started" in record.getMessage()]
    assert told == [
        "Kernels are started, not forked: this system does not allow it (PermissionError: [Errno "
        "1] setns: Operation not permitted)"
    ]


def test_a_submission_is_graded_though_its_kernel_and_judge_cannot_move(
    tmp_path, monkeypatch, nothing_kept
):
    monkeypatch.setattr(warm.Zygote, "ask", refused)
    course = tmp_path / "course"
    hostile_class.make_course(course, [hostile_class.honest()])
    nbgrader(course, GenerateAssignmentApp, "tiny")
    nbgrader(course, AutogradeApp, "tiny")
    assert hostile_class.scores(course)[hostile_class.HONEST] == {
        "doubles_each_entry": (2.0, False),
        "adds_everything": (3.0, False),
    }


def refused(zygote, request, files=()):
    """Answer as a zygote does that may not enter a sandbox."""
    why = "PermissionError: [Errno 1] setns: Operation not permitted"
    return {"trouble": why, "forbidden": True}


def test_a_zygote_that_ended_is_started_again(work):
    with kernel(work, warm=True) as asked:
        first = asked.manager.room.born.lab
    first.process.kill()
    first.process.wait()
    with kernel(work, warm=True) as asked:
        assert asked.manager.room.born.lab is not first
        assert asked("seen") == 1


GRADER = """
import json, sys
from pathlib import Path
from autograders.grading.sandbox import warm
from autograders.tests.kernels import kernel

with kernel(Path(sys.argv[1]), warm=True) as asked:
    asked("__import__('subprocess').Popen(['sleep', '600']).pid")
    print(json.dumps(asked.manager.provisioner.process.pid), flush=True)
    sys.stdin.read()
"""


def test_a_grader_that_is_killed_leaves_nothing_behind(work):
    with subprocess.Popen(
        [sys.executable, "-c", GRADER, str(work)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as grader:
        assert json.loads(grader.stdout.readline()) > 0
        started = in_sandboxes_of(grader.pid)
        # Two Bubblewraps, what stands in each of them, a stage, the kernel and what it started.
        assert len(started) >= 8
        grader.send_signal(signal.SIGKILL)
    end = time.monotonic() + 30
    while alive(started) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(started)


def test_only_the_last_labs_are_kept(work):
    labs = ("01_sparsity", "02_magnitude_pruning", "03_sparse_training")
    made = []
    for lab in labs:
        with kernel(work, warm=True, lab=lab, kept=2) as asked:
            made.append(asked.manager.room.born.lab)
    assert [lab.alive() for lab in made] == [False, True, True]


def table():
    """Return the parent and the state of every process, by number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while the list was read
        found[int(path.parent.name)] = (int(after[1]), after[0], after[19])
    return found


def in_sandboxes_of(root):
    """Return the processes below one, and whatever shares a file system with them."""
    found = table()
    below = {root}
    while more := {pid for pid, (parent, *_) in found.items() if parent in below} - below:
        below |= more
    spaces = {space(pid) for pid in below} - {space(os.getpid()), None}
    inside = {pid for pid in found if space(pid) in spaces}
    return {(pid, found[pid][2]) for pid in (below | inside) - {root}}


def space(pid):
    """Return a process's view of the file system, None if it ended or is nobody's business."""
    try:
        return os.stat(f"/proc/{pid}/ns/mnt").st_ino
    except (FileNotFoundError, PermissionError):
        return None


def alive(processes):
    """Return which of these processes are there still, and no zombies."""
    now = {(pid, start) for pid, (_, state, start) in table().items() if state != "Z"}
    return now & processes
