"""``python -m autograders grade``: nbgrader's scores, whatever happens on the way."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp, GenerateFeedbackApp

from autograders.batch import pool, released
from autograders.batch.outcome import Status
from autograders.batch.pool import LocalWorkers, WorkerDiedError
from autograders.batch.stages import CannotSplitError
from autograders.batch.worker import Done, Task
from autograders.grading.sandbox import room
from autograders.tests import hostile_class, pretend
from autograders.tests.batch_runs import grade, in_child, ran, state, wait_for

ATTACKS = ["numpy_patched", "exits_after_the_first_check", "killed", "neighbour_copied"]
BROKEN = ["check_deleted", "empty_file"]
CLASS = [f"s{number}" for number in range(6)]
FEW, PATTERN = ("s0", "s1"), "s[01]"  # a late one who is right, and one who is wrong


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """Return a course in which nothing is graded yet."""
    root = tmp_path_factory.mktemp("untouched") / "course"
    pretend.make(root, CLASS)
    return root


@pytest.fixture
def course(untouched, tmp_path, monkeypatch):
    root = tmp_path / "course"
    shutil.copytree(untouched, root)
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "log"))
    return root


@pytest.fixture(scope="module")
def undisturbed(untouched, tmp_path_factory):
    """Return what plain nbgrader makes of the class."""
    folder = tmp_path_factory.mktemp("undisturbed")
    root = folder / "course"
    shutil.copytree(untouched, root)
    return plain(root, folder / "log")


def plain(root, log, *options):
    """Return what plain nbgrader leaves behind."""
    os.environ["PRETEND_LOG"] = str(log)
    pretend.nbgrader(root, AutogradeApp, "tiny", *options)
    return state(root)


def test_everything_is_as_plain_nbgrader_leaves_it(course, undisturbed):
    show, stop = grade(course)
    assert stop is None
    assert [one.status for one in show.outcomes] == [Status.DONE] * len(CLASS)
    assert state(course) == undisturbed
    assert not [*course.glob("autograded/*/.*"), *course.glob("autograded/.grading/tiny.again/*")]


def test_real_submissions_get_the_scores_of_plain_nbgrader(tmp_path):
    """Honest, hostile, dying, endless, broken, in the sandbox: by two workers, and one by one."""
    names = [
        "numpy_patched",
        "exits_at_once",
        "endless",
        "result_shown",
        "neighbour_copied",
        "exfiltrates",
    ]
    attacks = [one for one in hostile_class.attacks() if one.name in names]
    broken = [one for one in hostile_class.damaged() if one.name in ("check_deleted", "empty_file")]
    assert len(attacks) + len(broken) >= 4
    found = {}
    for way in ("plain", "batch"):
        root = tmp_path / way
        hostile_class.make_course(root, [*attacks, *broken, hostile_class.honest()])
        assert hostile_class.run(root, "generate_assignment", "tiny").returncode == 0
        if way == "plain":
            assert hostile_class.run(root, "autograde", "tiny").returncode == 0
        else:
            finished = autograders(root, "grade", "tiny", "--workers=2", "--json")
            assert finished.returncode == 0, finished.stderr
            told = json.loads(finished.stdout)
        found[way] = hostile_class.scores(root)
    assert found["batch"] == found["plain"]
    flagged = {one["student"] for one in told["submissions"] if one["looks"]}
    assert "exits_at_once" in flagged
    assert not {"numpy_patched", hostile_class.HONEST} & flagged


def test_workers_have_the_labs_of_the_gradebook_and_no_student(course):
    grade(course)
    copy = course / "copy.db"
    copy.write_bytes(released.extract(f"sqlite:///{course / 'gradebook.db'}"))
    found = {}
    for path in (copy, course / "gradebook.db"):
        with sqlite3.connect(path) as connection:
            found[path] = connection.execute("select name, source from source_cell").fetchall()
            students = connection.execute("select count(*) from student").fetchone()[0]
        assert students == (0 if path == copy else len(CLASS))
    assert found[copy] == found[course / "gradebook.db"] != []


def test_a_sanitising_step_that_nobody_knows_is_refused_by_name(course):
    step = "nbgrader.preprocessors.GetGrades"
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write(f"c.Autograde.sanitize_preprocessors.append({step!r})\n")
    with pytest.raises(CannotSplitError, match="not known of GetGrades"):
        grade(course)


def autograders(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "autograders", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


# Again


def test_a_second_run_does_only_what_is_new(course, tmp_path):
    grade(course)
    pretend.hand_in(course, "s9", pretend.RIGHT)
    (course / "submitted" / "s2" / "tiny" / "timestamp.txt").write_text("2026-02-01 12:00:00 UTC\n")
    (tmp_path / "log").unlink()
    show, _ = grade(course)
    done = {one.student for one in show.outcomes if one.status is Status.DONE}
    assert done == {"s2", "s9"}
    assert {line[1] for line in ran(tmp_path / "log") if line[0] == "ran"} == {"s2", "s9"}


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_in_a_labs_place_costs_that_lab(make, course):
    folder = course / "submitted" / "s0" / "tiny"
    for path in folder.iterdir():
        path.unlink()
    pretend.hand_in(course, "s0", pretend.RIGHT, labs=("02_tiny",))
    for name in ("data.csv", "timestamp.txt"):  # so that there is nothing else to bring
        (folder / name).unlink()
    make(folder / "01_tiny.ipynb")
    show, stop = grade(course)
    assert stop is None
    assert {one.student for one in show.outcomes if one.status is Status.DONE} == {*CLASS}


@pytest.mark.parametrize(
    "options",
    [
        {"force": True},
        {"student": "s1", "force": True},
        {"notebook": "02_*", "force": True},
        {"student": "s[12]", "notebook": "01_tiny", "force": True},
        {"notebook": "01_tiny"},
        {},
    ],
    ids=str,
)
def test_options_mean_what_they_mean_in_nbgrader(options, course, tmp_path):
    """After a first run every student changes sides, and a person has graded something."""
    other = tmp_path / "other"
    first = {"notebook": "02_tiny"} if options == {"notebook": "01_tiny"} else {}
    grade(course, **first)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "tinytorch") as gradebook:
        for student in ("s1", "s2"):
            found = gradebook.find_grade("adds_everything", "02_tiny", "tiny", student)
            found.manual_score, found.extra_credit = 1.5, 0.5
            said = gradebook.find_comment("total", "02_tiny", "tiny", student)
            said.manual_comment = "see me"
        gradebook.db.commit()
    for number, student in enumerate(CLASS):
        pretend.hand_in(course, student, pretend.WRONG if number % 3 == 0 else pretend.RIGHT)
    shutil.copytree(course, other)
    grade(course, **options)
    flags = [f"--{name}={value}" for name, value in options.items() if value is not True]
    expected = plain(other, tmp_path / "log", *flags, *(["--force"] if "force" in options else []))
    assert state(course) == expected
    if first:  # nbgrader writes the gradebook, and the other lab stays
        assert len(list(course.glob("autograded/*/tiny/*.ipynb"))) == 2 * len(CLASS)


def test_after_an_interrupted_force_the_rest_is_still_to_be_done(course, tmp_path, undisturbed):
    grade(course)
    (tmp_path / "log").unlink()
    child = in_child(lambda: grade(course, force=True))
    wait_for(lambda: len(done(tmp_path / "log")) >= 2)
    child.kill()
    child.join()
    before = done(tmp_path / "log")
    show, _ = grade(course)
    again = {one.student for one in show.outcomes if one.status is Status.DONE}
    assert again | before == set(CLASS)
    assert not again & before
    assert state(course) == undisturbed


def done(log):
    return {line[1] for line in ran(log) if line[0] == "done"}


# Accidents


def test_twenty_kills_lose_nothing_and_grade_nothing_twice(course, tmp_path, undisturbed):
    log, rng = tmp_path / "log", random.Random(17)
    expected = {key: value for key, value in undisturbed.items() if who(key) in FEW}
    start = time.monotonic()
    grade(course, student=PATTERN)
    whole = time.monotonic() - start
    kills = 0
    while kills < 20:
        shutil.rmtree(course / "autograded")
        shutil.copy(course.parent / "empty.db", course / "gradebook.db")
        log.write_text("")
        patience = 0.8 * whole
        while len(done(log)) < len(FEW):
            child = in_child(lambda: grade(course, student=PATTERN))
            child.join(rng.uniform(0, patience))
            patience *= 1.1  # or nobody is ever done, if the machine is busier than before
            child.kill()
            child.join()
            kills += child.exitcode == -signal.SIGKILL
        check_log(log)
        grade(course, student=PATTERN)
        assert state(course) == expected


@pytest.fixture(autouse=True)
def empty_gradebook(request, untouched):
    if "course" in request.fixturenames:
        course = request.getfixturevalue("course")
        shutil.copy(untouched / "gradebook.db", course.parent / "empty.db")


def check_log(log):
    """What was reported as done must never run again."""
    through = set()
    for line in ran(log):
        if line[0] == "done":
            through.add(line[1])
        assert not (line[0] == "ran" and line[1] in through), line


def killed_at(step, course):
    """Grade, and be killed at a step of the file system."""
    seen = 0

    def count(event, arguments):
        nonlocal seen
        written = event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wax"
        if written or event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod"):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    grade(course, student=PATTERN)


def test_a_kill_at_any_step_of_the_file_system_is_repaired(course, undisturbed):
    expected = {key: value for key, value in undisturbed.items() if who(key) in FEW}
    step, stride = 1, 9
    while True:
        shutil.rmtree(course / "autograded", ignore_errors=True)
        shutil.copy(course.parent / "empty.db", course / "gradebook.db")
        child = in_child(killed_at, step, course)
        child.join()
        killed = child.exitcode == -signal.SIGKILL
        grade(course, student=PATTERN)
        assert state(course) == expected, f"killed at step {step}"
        if not killed:
            break
        step += stride
    assert step > 5 * stride


def test_a_locked_gradebook_stops_the_run_and_spoils_nothing(course, undisturbed):
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    show, stop = grade(course, patience=0.2)
    assert "database is locked" in stop.why
    assert stop.status == 1
    assert show.outcomes == []
    other.execute("ROLLBACK")
    grade(course)
    assert state(course) == undisturbed


def test_a_gradebook_that_is_locked_for_a_moment_is_waited_for(course, undisturbed):
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(1, other.execute, ["ROLLBACK"])
    timer.start()
    _, stop = grade(course)
    timer.join()
    assert stop is None
    assert state(course) == undisturbed


def test_a_full_disk_stops_the_run_and_spoils_nothing(untouched):
    """In a file system of its own, which is gone with the process."""
    command = ["--dev-bind", "/", "/", "--size", "3000000", "--tmpfs", "/mnt"]
    code = f"from autograders.tests.test_batch import fill_disk; fill_disk({str(untouched)!r})"
    finished = subprocess.run(
        ["bwrap", *command, "--", sys.executable, "-c", code],
        env={**os.environ, "PRETEND_LOG": "/mnt/log"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.endswith("stopped, and the same in the end\n")


def fill_disk(untouched):
    """Grade on a disk that is full after a while, make room, grade again."""
    root, filler = Path("/mnt/course"), Path("/mnt/filler")
    shutil.copytree(untouched, root)
    grade(root)
    whole = state(root)
    shutil.rmtree(root / "autograded")
    shutil.copy(f"{untouched}/gradebook.db", root)
    free = shutil.disk_usage("/mnt").free
    filler.write_bytes(bytes(free - 12_000))
    show, stop = grade(root, patience=0.2)
    assert stop is not None
    assert len(show.outcomes) < len(CLASS), show.outcomes
    filler.unlink()
    grade(root)
    assert state(root) == whole
    print("stopped, and the same in the end")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """Have temporary files in a folder of the test's own."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_worker_that_dies_is_replaced_and_its_task_tried_once_more(course, tmp_path, empty):
    pretend.hand_in(course, "s1", pretend.RIGHT, note=f"# die once {tmp_path / 'died'}")
    pretend.hand_in(course, "s2", pretend.RIGHT, note="# die always")
    said = []
    show, stop = grade(course, workers=LocalWorkers(2, tell=said.append))
    assert stop is None
    found = {one.student: one for one in show.outcomes}
    assert [s for s in CLASS if found[s].status is not Status.DONE] == ["s2"]
    assert os.listdir(empty) == []
    assert "2 workers died of 0" in found["s2"].error
    assert any("a worker died at s1, 0" in sentence for sentence in said)
    assert not (course / "autograded" / "s2").exists()
    assert "s2" not in state(course)


def test_a_death_is_told_and_another_worker_takes_over_at_once(monkeypatch):
    """Since Python 3.12 this ended in a deadlock if a callback shut the dead executor down."""
    monkeypatch.setattr(pool, "work", end_with)
    said = []
    workers = LocalWorkers(1, tell=said.append)
    dying = workers.submit(None, Task("ada", "tiny", "01", "01.ipynb", {}, {}))
    with pytest.raises(WorkerDiedError, match="2 workers died of 01, one after the other"):
        dying.result(timeout=300)
    assert said == ["a worker died at ada, 01; another one tries it"]
    assert len(workers._idle) == 1
    assert not workers._busy
    workers.close()


def end_with(recipe, task):
    """Be work that ends the process it is done in."""
    os._exit(1)


def test_how_long_a_labs_own_answers_take_is_measured_once_for_all_workers(monkeypatch):
    monkeypatch.setattr(pool, "work", measure)
    workers = LocalWorkers(2)

    def knew(*labs):
        tasks = [Task("ada", "tiny", lab, f"{lab}.ipynb", {}, {}) for lab in labs]
        done = [workers.submit(None, task) for task in tasks]
        return [one.result(timeout=300).text for one in done]

    assert [knew("01"), knew("01", "01"), knew("02")] == [["{}"], ["{'01': 1.5}"] * 2, ["{}"]]
    workers.close()


def measure(recipe, task):
    """Be work that tells what it knew, and has measured its lab."""
    return Done(str(task.measured), {}, 0.0, measured={task.lab: 1.5})


def test_a_worker_that_two_threads_end_is_ended_once():
    worker = pool._new()
    closed, close = [], worker._result_queue.close

    def close_slowly():
        closed.append(worker)
        time.sleep(0.5)
        close()

    worker._result_queue.close = close_slowly
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: worker.shutdown(), range(2)))
    assert closed == [worker]


def test_a_worker_that_dies_with_nothing_to_do_is_replaced(course, undisturbed):
    workers = LocalWorkers(1)
    (idle,) = workers._idle
    for process in list(idle._processes.values()):
        process.kill()
    idle._executor_manager_thread.join(timeout=120)  # until its executor has noticed
    grade(course, workers=workers)
    assert state(course) == undisturbed


def test_ctrl_c_stops_at_once_and_finishes_nothing_half(course, tmp_path, undisturbed):
    pretend.hand_in(course, "s3", pretend.RIGHT, note="# take a while")
    child = subprocess.Popen(
        [sys.executable, "-m", "autograders", "grade", "tiny", "--workers=1"],
        cwd=course,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: ("ran", "s3", "01_tiny") in ran(tmp_path / "log"))
    children = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGINT)
    told, _ = child.communicate(timeout=120)
    assert child.returncode == 128 + signal.SIGINT
    assert "run this again for the rest" in told
    assert psutil.wait_procs(children, timeout=60)[1] == []
    assert "s3" not in state(course)
    pretend.hand_in(course, "s3", pretend.RIGHT)
    grade(course)
    assert state(course) == undisturbed


def test_nothing_outlives_a_coordinator_that_is_killed(course, tmp_path, empty):
    pretend.hand_in(course, "s0", pretend.RIGHT, note="# take a while")
    child = in_child(lambda: grade(course, workers=LocalWorkers(1)))
    wait_for((tmp_path / "log").exists)
    children = psutil.Process(child.pid).children(recursive=True)
    assert children
    assert any(place.is_dir() for place in empty.glob("nb*/nb*"))
    child.kill()
    child.join()
    assert psutil.wait_procs(children, timeout=60)[1] == []
    assert not any(empty.glob("nb*"))


def test_work_waits_when_memory_is_low(course, monkeypatch, undisturbed):
    monkeypatch.setattr(pool.memory, "free", lambda: 10 * pool.memory.MEGABYTE)
    show, _ = grade(course, workers=LocalWorkers(2))
    assert state(course) == undisturbed
    assert any("10 MB of memory are free, and 1024 MB should be" in said for said in show.said)


def test_what_workers_say_of_themselves_is_told_once(course, monkeypatch):
    sentence = "Kernels are started, not forked: this system does not allow it"
    monkeypatch.setattr(room, "said", {"forbidden": sentence})
    show, _ = grade(course)
    assert show.said == [sentence]


def test_a_worker_goes_on_with_labs_that_it_has_done_before():
    workers = LocalWorkers(2)
    first, second = workers._idle
    workers._warm |= {first: {"01"}, second: {"02"}}
    workers._busy[workers._idle.pop(0)] = None
    assert workers.pick(["01", "03", "02", "02"]) == 2
    assert workers.pick(["01", "03"]) == 1, "a lab that nobody has done, before one of another's"
    assert workers.pick(["01", "01"]) == 0, "better another's lab than nothing"
    workers.close()


def test_two_coordinators_share_a_class(course, tmp_path, undisturbed):
    children = [in_child(lambda: grade(course)) for _ in range(2)]
    for child in children:
        child.join()
        assert child.exitcode == 0
    lines = [line[1:] for line in ran(tmp_path / "log") if line[0] == "ran"]
    assert len(lines) == len(set(lines)) == 2 * len(CLASS)
    assert state(course) == undisturbed


def test_feedback_is_that_of_plain_nbgrader(course, tmp_path):
    other = tmp_path / "other"
    grade(course)
    shutil.copytree(course, other)
    show, stop = grade(course, step="feedback")
    assert stop is None
    assert len(show.outcomes) == len(CLASS)
    pretend.nbgrader(other, GenerateFeedbackApp, "tiny")
    assert state(course) == state(other)
    assert len(list(course.glob("feedback/*/tiny/*.html"))) == 2 * len(CLASS)


def who(key):
    return (
        key if isinstance(key, str) else key[1] if key[0] in ("autograded", "feedback") else key[0]
    )
