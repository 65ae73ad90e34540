"""Students' parts and an instructor's tools run where Python has nothing of Unix, as on Windows.

Python's own and others' packages are loaded as they are here. Then Unix's modules and names are
taken away, and the course's own are loaded anew and used. What only Linux has may be used by the
rooms that grade, and by nothing else: mypy, told that this is Windows, would find it.
"""

import subprocess
import sys

import pytest

from autograders import ELSEWHERE
from autograders.__main__ import main
from autograders.course import ROOT
from autograders.course.answers.runner import LABS
from autograders.grading.sandbox.bubblewrap import SandboxError, check

WITHOUT_UNIX = r"""
import importlib, importlib.abc, os, runpy, select, shutil, signal, socket, sys, types
import nbdev.export, nbdev.maker, numpy

MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
NAMES = {
    os: "chown chroot fchmod fchown fork forkpty fwalk getegid geteuid getgid getgroups getloadavg"
    " getpgid getresuid getsid getuid initgroups killpg lchown lockf mkfifo mknod nice pread"
    " register_at_fork sched_getaffinity sched_setaffinity sendfile setegid seteuid setgid"
    " setgroups setpgid setresgid setresuid setsid setuid statvfs sysconf tcsetpgrp uname wait"
    " O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK WNOHANG",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGQUIT SIGSTOP SIGUSR1 alarm setitimer pthread_kill",
    socket: "AF_UNIX send_fds recv_fds SOCK_SEQPACKET",
    select: "epoll poll",
}


class Windows(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}: it is Unix's", name=name)


def ours(name):
    return name.partition(".")[0] in ("autograders", "tinytorch")


wanted, command = sys.argv[1].split(), sys.argv[2:]
for name in wanted:
    importlib.import_module(name)
for name in [name for name in sys.modules if ours(name) or name in MODULES]:
    del sys.modules[name]
sys.meta_path.insert(0, Windows())
shutil.os = types.SimpleNamespace(**vars(os))  # Python goes on removing folders as it does here
for module, names in NAMES.items():
    for name in names.split():
        module.__dict__.pop(name, None)
for name in wanted:
    importlib.import_module(name)
if command:
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
"""
# What students run, what instructors run anywhere, and what nbgrader_config.py names.
STUDENTS = "tinytorch tinytorch.export tinytorch.submit tinytorch.testing tinytorch.notebook"
TOOLS = " ".join(
    f"autograders.{name}"
    for name in (
        "course.kit",
        "course.notebook_lint",
        "course.loop",
        "platforms.collect",
        "platforms.give_back",
        "report.page",
        "students",
    )
)
SETTINGS = " ".join(
    f"autograders.grading.{name}"
    for name in (
        "exchange",
        "execute",
        "feedback",
        "formgrader",
        "names",
        "release",
        "settings",
        "submission",
    )
)


def without_unix(modules, *command, cwd=ROOT):
    """Run Python without Unix's names; return its status and what it said."""
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX, modules, *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


def test_parts_load_where_there_is_nothing_of_unix():
    assert without_unix(" ".join((STUDENTS, TOOLS, SETTINGS))) == (0, "")


def test_what_is_taken_away_is_missed():
    status, said = without_unix("autograders.batch.places")
    assert status == 1
    assert "No module named 'fcntl': it is Unix's" in said


def test_labs_are_packed_there(tmp_path):
    arguments = ["tinytorch.submit", "İnci Şen", str(LABS[0].parent)]
    status, said = without_unix("tinytorch", *arguments, cwd=tmp_path)
    assert (status, "packed 8 labs" in said) == (0, True), said


def test_labs_are_exported_there():
    lab = str(LABS[0])
    assert without_unix("tinytorch", "tinytorch.export", "--check", lab) == (0, "")


def test_labs_are_linted_there():
    status, said = without_unix(f"{TOOLS} {SETTINGS}", "autograders", "lint", str(LABS[0]))
    assert status == 0, said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_that_lacks_a_letter_does_not_lose_the_hand_in(encoding, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    command = [sys.executable, "-m", "tinytorch.submit", "İnci Şen", str(LABS[0].parent)]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr
    [packed] = tmp_path.glob("*--İnci Şen--*.zip")
    assert rb"%b--\u0130nci \u015een--" % LABS[0].parent.name.encode() in finished.stdout


def test_grading_there_says_what_to_do_instead(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert main(["grade", LABS[0].parent.name]) == 1
    assert f"error: grade cannot run here. {ELSEWHERE}" in capsys.readouterr().err
    with pytest.raises(SandboxError, match="students' code must be kept in a sandbox"):
        check.__wrapped__()
    section = ELSEWHERE.partition('"')[2].partition('"')[0]
    assert f"## {section}\n" in (ROOT / "autograders/README.md").read_text(encoding="utf-8")
