"""What a program sees and may do in the sandbox, asked from inside."""

import sys
from pathlib import Path
from time import monotonic, sleep

import pytest
from nbgrader.converters import NbGraderException

from autograders.course import ROOT
from autograders.grading.sandbox import (
    SandboxError,
    bubblewrap,
    calls,
)
from autograders.grading.submission import SubmissionExporter
from autograders.tests import kernels


@pytest.fixture(params=[False, True], ids=["started", "forked"])
def ask(request, work, one_thread):
    """Return a function that runs code inside, for a lab, and returns what it says."""

    def ask(code, **options):
        with kernels.kernel(work, request.param, **options) as asked:
            return asked(code)

    return ask


def test_only_the_copy_of_the_work_can_be_written(ask):
    assert ask("os.listdir('.')") == ["notes.txt"]
    assert ask("open('notes.txt', 'a').write('x')") == 1
    for place in ("/usr/x", "/course/x", "/x", f"{sys.prefix}/x", "/submission/x"):
        writable = ask(f"os.access(os.path.dirname({place!r}), os.W_OK)")
        assert not writable, place


def test_nothing_of_the_instructor_is_there(ask):
    seen = ask(f"glob.glob({str(ROOT)!r} + '/*') + glob.glob({str(ROOT)!r} + '/.*')")
    assert all(Path(sys.prefix).is_relative_to(path) for path in seen), seen
    assert not ask("os.path.exists(os.path.expanduser('~/.ssh'))")
    # The checkout, or Python, may itself lie in somebody's home, or below /var.
    way = {str(part) for end in (ROOT, Path(sys.base_prefix)) for part in (end, *end.parents)}
    homes = ask("glob.glob('/home/*') + glob.glob('/home/*/*') + glob.glob('/home/*/.*')")
    assert set(homes) <= way
    assert set(ask("glob.glob('/var/*')")) <= way
    assert ask("os.getuid()") != 0
    assert ask("len([name for name in os.listdir('/proc') if name.isdigit()])") <= 3


def test_a_lab_sees_the_labs_before_it_and_no_later_one(ask):
    folder = "/course/tinytorch/optimization/compression"
    assert ask(f"sorted(os.listdir({folder!r}))", lab="01_sparsity") == ["__init__.py", "facade.py"]
    assert "sparsity.py" in ask(f"os.listdir({folder!r})")
    assert "magnitude.py" not in ask(f"os.listdir({folder!r})")
    assert ask("os.listdir('/course/tinytorch/tests')") == []


def test_there_is_no_network(ask):
    names = "[line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line]"
    assert ask(names) == ["lo"]


def test_limits_hold(ask):
    import resource

    names = ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE")
    code = (
        f"[__import__('resource').getrlimit(n)[1] for n in {[getattr(resource, n) for n in names]}]"
    )
    assert ask(code, memory=1000, file_size=3) == [1000 * 2**20, 3 * 2**20, 0]


def test_processor_time_is_measured_to_the_microsecond(ask):
    # With a limit of Linux's own it would stand still for ticks of milliseconds.
    times = "[(time.process_time(), sum(range(2000)))[0] for _ in range(50)]"
    found = ask(f"[{times} for time in [__import__('time')]][0]")
    assert len(set(found)) == 50


def test_processor_time_has_a_limit(work, one_thread):
    with kernels.kernel(work, True, cpu=2) as asked:
        asked.client.execute("while True: pass")
        until = monotonic() + 120
        while asked.loop.run_until_complete(asked.manager.is_alive()):
            assert monotonic() < until
            sleep(0.1)


# Where there can be no sandbox


def test_without_bubblewrap_nothing_is_graded_and_the_fix_is_named(monkeypatch):
    bubblewrap.check.cache_clear()
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        bubblewrap.check()
    with pytest.raises(NbGraderException, match=r"c\.Sandbox\.isolation = 'none'"):
        SubmissionExporter()


def test_without_libseccomp_nothing_is_graded_and_the_fix_is_named(monkeypatch):
    bubblewrap.check.cache_clear()
    calls.program.cache_clear()
    monkeypatch.setattr(calls, "LIBRARY", "libseccomp.so.none")
    with pytest.raises(SandboxError, match="apt-get install libseccomp2"):
        bubblewrap.check()


def test_a_container_that_forbids_namespaces_is_named(monkeypatch):
    bubblewrap.check.cache_clear()
    monkeypatch.setattr(bubblewrap, "_try", lambda walls: "No permissions to create new namespace")
    with pytest.raises(SandboxError, match="No permissions to create new namespace"):
        bubblewrap.check()
    bubblewrap.check.cache_clear()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (("kernel/apparmor_restrict_unprivileged_userns", "1"), "bwrap-userns-restrict"),
        (("user/max_user_namespaces", "0"), "user.max_user_namespaces=10000"),
        (("kernel/unprivileged_userns_clone", "0"), "kernel.unprivileged_userns_clone=1"),
        ((None, None), "seccomp=unconfined"),
    ],
)
def test_it_says_who_forbids_namespaces_and_what_helps(monkeypatch, setting, said):
    bubblewrap.check.cache_clear()
    monkeypatch.setattr(bubblewrap, "_try", lambda walls: "loopback: Failed RTM_NEWADDR")
    monkeypatch.setattr(bubblewrap, "_setting", dict([setting]).get)
    with pytest.raises(SandboxError, match=said):
        bubblewrap.check()
    bubblewrap.check.cache_clear()
