"""Files that answers write, on their way to the judge: data, and never anything that acts."""

import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograders.grading.sandbox.inside import files
from autograders.grading.sandbox.inside.files import Files, may_be_shown, written

NOT_SHOWN = [
    *(
        "../up.txt",
        "a/../../up.txt",
        "/etc/x",
        "a//b",
        "./a",
        "a\\..\\b",
        "",
        "x" * 2000,
        "new\nline",
    ),
    *("\udcff.txt", "nul\0.txt", ".hidden", "out/.hidden/x", "/".join("abcdefghi")),
    *("helpers.py", "HELPERS.PY", "fast.so", "site.pth", "lab.ipynb", "matplotlibrc"),
    *("run.ipy", "run.sh", "pytest.ini", "tests/pytest.ini", "setup.cfg", "tox.ini"),
    *("pyproject.toml", "lab.ipynb/x.txt", "timestamp.txt/x"),
]


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    folder = tmp_path / "kernel"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def judge(tmp_path):
    folder = tmp_path / "judge"
    folder.mkdir()
    (folder / "data.csv").write_text("the course's")
    return Files(str(folder))


def test_what_is_written_crosses_once_and_again_when_it_changes(kernel, judge):
    (kernel / "out").mkdir()
    (kernel / "out" / "a.txt").write_text("one")
    judge.take(written(judge.known()))
    assert judge.contents() == {"out/a.txt": b"one"}
    assert written(judge.known()) == ()
    (kernel / "out" / "a.txt").write_text("other")
    judge.take(written(judge.known()))
    assert judge.contents() == {"out/a.txt": b"other"}


def test_a_file_of_the_courses_own_stays(kernel, judge):
    (kernel / "data.csv").write_text("mine")
    judge.take(written(judge.known()))
    assert Path(judge.folder, "data.csv").read_text() == "the course's"
    assert judge.contents() == {}


def test_links_and_what_is_no_file_are_not_told(kernel, judge):
    (kernel / "link.txt").symlink_to("/etc/hostname")
    (kernel / "away").symlink_to("/etc")
    os.mkfifo(kernel / "pipe.txt")
    assert written(()) == ()


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_a_name_that_would_be_run_or_leads_out_is_not_taken(name, judge):
    assert not may_be_shown(name)
    before = sorted(Path(judge.folder).parent.rglob("*"))
    judge.take(((name, 1, 3, b"bad"),))
    assert sorted(Path(judge.folder).parent.rglob("*")) == before


@pytest.mark.parametrize(
    "told",
    [
        None,
        "x",
        [("a", 1, 1, b"")],
        (("a", 1, 1),),
        (("a", 1, 1, "text"),),
        ((1, 1, 1, b""),),
        (7,),
    ],
)
def test_what_is_malformed_is_not_taken(told, judge):
    judge.take(told)
    assert judge.contents() == {}


def test_more_than_may_be_told_stays_away(kernel, judge, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 10)
    monkeypatch.setattr(files, "MOST", 2)
    for name, size in {"a": 4, "b": 11, "c": 6, "d": 1}.items():
        (kernel / name).write_bytes(bytes(size))
    assert [name for name, *_ in written(())] == ["a", "c"]
    judge.take(tuple((name, 1, 1, b"x") for name in "abc"))
    assert judge.contents().keys() == {"a", "b"}


def test_what_an_answer_wrote_is_told_from_what_it_was_given(kernel, judge):
    Path(judge.folder, "made.txt").write_text("a check's")
    judge.own = dict.fromkeys(["made.txt", "changed.txt"])
    judge.kept((("made.txt", 1, 1), ("changed.txt", 1, 1)))
    told = (("made.txt", 1, 1, b"x"), ("changed.txt", 2, 1, b"y"), ("new.txt", 1, 1, b"z"))
    others = (("data.csv", 1, 1, b"x"), ("/tmp/x", 1, 1, b"x"), ("bad.py", 1, 1, b"x"), "x")
    assert judge.theirs_among((*told, *others)) == told[1:]
    assert sorted(path.name for path in Path(judge.folder).iterdir()) == ["data.csv", "made.txt"]


def test_a_folder_in_the_way_is_no_trouble(judge):
    judge.take((("x", 1, 1, b"1"), ("x/y", 1, 1, b"2")))
    assert judge.contents() == {"x": b"1"}


READS = """
import os, pickle, sys
from autograders.grading.sandbox.inside.files import Files

judge = Files(os.getcwd())
judge.take((("x.pkl", 1, 1, bytes.fromhex(sys.argv[1])),))
judge.confine()
pickle.loads(pickle.dumps(os.getcwd))  # nobody has opened the file yet
with open("x.pkl", "rb") as file:
    print(pickle.load(file))
"""


def reads(content, folder):
    command = [sys.executable, "-c", READS, content.hex()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_plain_values_and_arrays_are_unpickled(tmp_path):
    import numpy as np

    value = {1: [2.0, None, "x"], "set": {1}, "c": 1j, "array": np.eye(2)}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        status, said = reads(pickle.dumps(value, protocol), tmp_path)
        assert (status, "'set': {1}" in said) == (0, True), said


class Acts:
    def __reduce__(self):
        return os.system, ("echo acted > acted",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_would_act_is_not_unpickled(protocol, tmp_path):
    status, said = reads(pickle.dumps(Acts(), protocol), tmp_path)
    assert status == 1
    assert "From a file that an answer wrote, a check reads plain values and arrays" in said
    assert not (tmp_path / "acted").exists()


# Each gets at the content of out/x.pkl, or of the database out/x.db, on a way of its own.
WAYS = {
    "from a folder below": "os.chdir('out'); content = open('x.pkl', 'rb').read()",
    "by another name": "os.rename('out/x.pkl', 'y'); content = open('y', 'rb').read()",
    "by a link": "os.symlink('out/x.pkl', 'y'); content = open('y', 'rb').read()",
    "by the system's name": "content = open('/proc/self/cwd/out/x.pkl', 'rb').read()",
    "from a program": "content = subprocess.run(['cat', 'out/x.pkl'], stdout=-1).stdout",
    "from a database": "base = sqlite3.connect('out/x.db')\n"
    "content = base.execute('select content from box').fetchone()[0]",
    "by an opener": "folder = os.open('out', os.O_RDONLY)\n"
    "file = open('x.pkl', 'rb', opener=lambda *how: os.open(*how, dir_fd=folder))\n"
    "content = file.read()",
    "by a library": "file = ctypes.CDLL(None).open(b'out/x.pkl', 0)\n"
    "content = bytes.fromhex(sys.argv[1])",
}
READS_SOMEHOW = """
import ctypes, os, pickle, sqlite3, subprocess, sys
from autograders.grading.sandbox.inside.files import Files

judge = Files(os.getcwd())
judge.watch(lambda: None)
pickled, database = map(bytes.fromhex, sys.argv[1:3])
judge.take((("out/x.pkl", 1, 1, pickled), ("out/x.db", 1, 1, database)))
judge.confine()
exec(sys.argv[3])
print(pickle.loads(content))
"""


@pytest.mark.parametrize("way", WAYS)
def test_what_would_act_is_not_unpickled_however_it_is_read(way, tmp_path):
    pickled = pickle.dumps(Acts())
    with sqlite3.connect(tmp_path / "own.db") as base:
        base.execute("create table box (content)")
        base.execute("insert into box values (?)", (pickled,))
    given = [content.hex() for content in (pickled, (tmp_path / "own.db").read_bytes())]
    command = [sys.executable, "-c", READS_SOMEHOW, *given, WAYS[way]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "a check reads plain values and arrays" in done.stderr
    assert not list(tmp_path.rglob("acted"))


def test_an_answer_finds_what_a_check_writes_and_a_check_what_it_makes_of_it(kernel, tmp_path):
    # In a process of its own: the functions of `os` are others afterwards.
    script = f"""
import os, tempfile
from pathlib import Path
from autograders.grading.sandbox.inside import files

asked = []
judge = files.Files({str(tmp_path)!r})
judge.watch(lambda: asked.append(1))
os.chdir({str(tmp_path)!r})
Path("given.csv").write_text("1,2")
fresh = tempfile.mkdtemp()
Path(fresh, "deep").mkdir()
Path(fresh, "deep", "x.txt").write_text("x")
Path(fresh, "helpers.py").write_text("")
news = dict(judge.news())
assert news == {{fresh: None, fresh + "/deep": None, "given.csv": b"1,2",
                 fresh + "/deep/x.txt": b"x", fresh + "/helpers.py": b""}}, news
assert judge.news() == ()
os.chdir({str(kernel)!r})
judge.kept(files.keep((("given.csv", b"1,2"),)))
Path("given.csv").open("a").write("\\n3,4")
told = files.written(judge.known(), judge.shared())
os.chdir({str(tmp_path)!r})
judge.take((*told, (fresh + "/deep/new.txt", 1, 3, b"new"), ("/elsewhere/x", 1, 1, b"x"),
            (fresh + "/bad.py", 1, 1, b"x"), (fresh + "/../up.txt", 1, 1, b"x")))
assert Path("given.csv").read_text() == "1,2\\n3,4"
assert judge.news() == ()
assert Path(fresh, "deep", "new.txt").read_text() == "new"
assert not Path(fresh, "bad.py").exists() and not Path(fresh, "../up.txt").exists()
assert judge.contents() == {{"given.csv": b"1,2\\n3,4"}}, judge.contents()
assert asked
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
