"""What goes on inside a room touches nothing outside of it, and nothing in another room."""

import asyncio
import ctypes
import errno
import logging
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from textwrap import dedent

import psutil
import pytest

from autograders.grading.sandbox import (
    About,
    Room,
    Sandbox,
    SandboxKernelManager,
    calls,
    group,
    provisioner,
    watch,
)
from autograders.tests.kernels import in_user_namespace, kernel

WAYS = {
    f"{name}, {how}": (ordinary, warm)
    for name, ordinary in {"as who grades is": False, "in a user namespace": True}.items()
    for how, warm in {"started": False, "forked": True}.items()
}


@pytest.fixture(scope="module", params=WAYS)
def ask(request, tmp_path_factory):
    """Return a function that asks a kernel: one for each way to make a room."""
    ordinary, warm = WAYS[request.param]
    work = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        if ordinary:
            in_user_namespace(patch)
        with kernel(work, warm) as asked:
            yield asked


@pytest.mark.parametrize("ordinary", [False, True])
def test_what_was_started_by_somebody_who_is_gone_ends_at_once(tmp_path, monkeypatch, ordinary):
    """Bubblewrap does not notice an end that comes before it asks to be told of it."""
    if ordinary:
        in_user_namespace(monkeypatch)
    about = About("17_compression", "02_magnitude_pruning")
    room = Room(Sandbox(), about, tmp_path, None, None, logging.getLogger())
    command = room.started([sys.executable, "-c", "print('here')"])
    read, write = os.pipe()
    there = subprocess.run(command, stdin=read, capture_output=True, text=True, check=False)
    os.close(write)
    gone = subprocess.run(command, stdin=read, capture_output=True, text=True, check=False)
    os.close(read)
    assert (there.returncode, there.stdout) == (0, "here\n"), there.stderr
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr == "whoever started this sandbox is gone\n"


def group_of(number):
    """Return the processes of a group that have not ended."""
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getpgid(pid) == number and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


def is_over(group, seconds=10):
    end = time.monotonic() + seconds
    while group_of(group) and time.monotonic() < end:
        time.sleep(0.1)
    return not group_of(group)


def test_a_kernel_that_is_ended_at_whatever_moment_leaves_nothing(tmp_path, monkeypatch, way):
    """Bubblewrap's second process does not notice for a while that the first one has ended."""
    begun = []
    for wait in range(20):
        monkeypatch.setattr(provisioner, "PATIENCE", wait / 1000)
        about = About("17_compression", "01_sparsity")
        manager = SandboxKernelManager(sandbox=Sandbox(warm=False), about=about, work=tmp_path)
        with pytest.raises(RuntimeError, match="before it had its sockets"):
            asyncio.run(manager.start_kernel())
        begun.append(manager)
    for manager in begun:
        assert is_over(manager.provisioner.process.pid)
        manager.cleanup_connection_file()


GONE = """
import asyncio, os, signal, subprocess, sys
from pathlib import Path
import pytest
from jupyter_client import launcher
from autograders.grading.sandbox import About, Sandbox, SandboxKernelManager
from autograders.tests.kernels import TEMPLATE, in_user_namespace

class Popen(subprocess.Popen):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        print(self.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2:]:
    in_user_namespace(pytest.MonkeyPatch())
about, work = About("17_compression", "01_sparsity", TEMPLATE), Path(sys.argv[1])
manager = SandboxKernelManager(sandbox=Sandbox(), about=about, work=work, cells=TEMPLATE.cells)
assert manager.room.born
for _ in range(5):
    grader = os.fork()
    if grader == 0:
        launcher.Popen = Popen
        asyncio.run(manager.start_kernel())
    os.waitpid(grader, 0)
"""


@pytest.mark.parametrize("ordinary", [[], ["yes"]])
def test_a_grader_that_is_killed_as_it_makes_a_room_leaves_none(tmp_path, one_thread, ordinary):
    command = [sys.executable, "-c", GONE, str(tmp_path), *ordinary]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split()
    assert len(told) == 5
    for number in told:
        assert is_over(int(number))


def test_nothing_waits_for_what_nobody_types(ask):
    assert ask("os.path.samestat(os.fstat(0), os.stat(os.devnull))")


# System calls

TRY = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)

def attempt(number, *arguments):
    ctypes.set_errno(0)
    told = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return ctypes.get_errno() if told == -1 else 0
"""
NEITHER = {calls.IS: 0, calls.HAS: 0, calls.WITHOUT: -0x400, calls.IS_NOT: 1, calls.ABOVE: 1}


def attempts():
    """Yield each call that the table denies: its name, number, arguments and error."""
    number_of = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name
    for denied in calls.DENIED:
        arguments = [0] * 6
        for place, how, value in denied.only:
            arguments[place] = value + NEITHER[how]
        for name in denied.names.split():
            number = number_of(name.encode())
            if number >= 0:
                yield f"{name} {denied.only}", number, arguments, denied.error


def test_every_call_of_the_table_fails_as_it_says(ask):
    tried = list(attempts())
    assert len(tried) > 100
    ask.run(TRY)
    told = ask(f"[attempt(number, *given) for _, number, given, _ in {tried!r}]")
    wrong = [
        (name, errno.errorcode.get(got, got))
        for (name, _, _, error), got in zip(tried, told, strict=True)
        if got != error
    ]
    assert not wrong


def test_calls_that_nobody_knows_yet_and_of_other_machines_do_not_exist(ask):
    ask.run(TRY)
    for number in (1000, 2**30, 2**30 + 39, 2**31 - 1):  # those of x32 begin at 2**30
        assert ask(f"attempt({number})") == errno.ENOSYS


def test_keys_are_in_no_room(ask):
    ask.run(TRY)
    number_of = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name
    assert ask(f"attempt({number_of(b'keyctl')}, 0, -3, 1)") == errno.EPERM
    ask.run("try: seen = open('/proc/keys').read()\nexcept PermissionError: seen = ''")
    assert ask("seen") == ""


# What an honest notebook may use: all of it goes on with the filter.
HONEST = {
    "processes": """
        import multiprocessing
        fork = multiprocessing.get_context("fork")
        for way in ("fork", "spawn", "forkserver"):  # the last is what Python 3.14 does unasked
            with multiprocessing.get_context(way).Pool(2) as pool:
                assert pool.map(abs, [-1, 2]) == [1, 2]
        with fork.Manager() as manager:
            assert manager.dict(a=1).copy() == {"a": 1}
        from multiprocessing import shared_memory
        block = shared_memory.SharedMemory(create=True, size=4096)
        block.close()
        block.unlink()
        with fork.Lock():
            pass
        import mmap
        both = mmap.mmap(-1, 2**26)  # as Python's manual shows it
        if os.fork() == 0:
            both[:4] = b"mine"
            os._exit(0)
        os.wait()
        assert both[:4] == b"mine"
        """,
    "joblib": """
        import joblib
        assert joblib.Parallel(2)(joblib.delayed(abs)(n) for n in (-1, -2)) == [1, 2]
        """,
    "programs": """
        import subprocess
        told = subprocess.run("echo 7 8 | awk '{print $2}'", shell=True, capture_output=True)
        assert told.stdout == b"8\\n", told
        """,
    "threads and asyncio": """
        import asyncio, threading
        from concurrent.futures import ThreadPoolExecutor
        async def both():
            async def answer(reader, writer):
                writer.write(await reader.readline())
                writer.close()
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"x\\n")
            program = await asyncio.create_subprocess_exec("true")
            return await reader.readline(), await program.wait()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(asyncio.run, both()).result() == (b"x\\n", 0)
        """,
    "sqlite and locks": """
        import fcntl, sqlite3, tempfile
        with tempfile.NamedTemporaryFile() as file:
            first, second = sqlite3.connect(file.name), sqlite3.connect(file.name, timeout=0)
            first.execute("create table t (x)")
            first.execute("insert into t values (1)")
            try:
                second.execute("insert into t values (2)")
                raise AssertionError("two wrote at once")
            except sqlite3.OperationalError:
                first.commit()
            assert second.execute("select x from t").fetchall() == [(1,)]
            fcntl.lockf(file, fcntl.LOCK_EX)
        """,
    "shelf": """
        import shelve
        with shelve.open("notes") as notes:
            notes["mine"] = [1]
        with shelve.open("notes") as notes:
            assert notes["mine"] == [1]
        """,
    "files": """
        import numpy as np, shutil
        np.save("numbers.npy", np.zeros(10))
        shutil.copy2("numbers.npy", "others.npy")
        shutil.copytree("/course", "copied", copy_function=shutil.copy2)
        assert np.load("others.npy", mmap_mode="r").sum() == 0
        assert open("/dev/zero", "rb").read(2) == bytes(2)
        assert os.system("dd if=/dev/zero of=zeros bs=1k count=2 2>/dev/null") == 0
        """,
    "a terminal": """
        import pty
        assert pty.spawn(["true"]) == 0
        """,
    "matplotlib": """
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.savefig("seen.png")
        plt.close()
        """,
}


@pytest.mark.parametrize("kind", HONEST)
def test_ordinary_work_goes_on(ask, kind):
    ask.run(dedent(HONEST[kind]))


def test_a_cell_of_bash_finds_the_system_s_programs(ask):
    assert ask.run("%%bash\necho 1 2 | awk '{print $2}'; ls /etc/alternatives | head -n 0") == "2\n"


# Files that all rooms see

LOCK = """
import fcntl, struct
def lock(path, kind, command, flags=os.O_RDONLY):
    file = os.open(path, flags)
    try:
        return fcntl.fcntl(file, command, struct.pack("hhqqii", kind, 0, 0, 0, 0, 0)) and "done"
    except OSError as error:
        return error.errno
"""


def test_what_one_room_does_to_a_file_of_the_system_no_other_sees(work, way, one_thread):
    with kernel(work, warm=True) as one, kernel(work, warm=True) as other:
        for asked in (one, other):
            asked("1")
            asked.run(LOCK)
        assert one("lock('/usr/bin/env', fcntl.F_RDLCK, fcntl.F_SETLK)") == "done"
        for path in ("/usr/bin/env", "/dev/null"):
            for command in ("fcntl.F_GETLK", "fcntl.F_OFD_GETLK"):
                assert other(f"lock({path!r}, fcntl.F_WRLCK, {command})") == errno.EINVAL
        assert other("lock('/usr/bin/env', fcntl.F_WRLCK, fcntl.F_SETLK)") == errno.EBADF


# Places to write

WRITABLE = """
def writable():
    found = {}
    for line in open("/proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        place, options = before.split()[4:6]
        if "ro" not in options.split(","):
            for path, folders, files in os.walk(place):
                if path.startswith(("/proc", "/dev/pts")):
                    break
                if os.access(path, os.W_OK):
                    found[place] = after.split()[2]
    return found
"""


def test_every_place_that_can_be_written_has_a_size(ask):
    ask.run("import os\n" + WRITABLE)
    found = ask("writable()")
    assert {"/tmp", "/dev/shm"} <= set(found)
    for place, options in found.items():
        assert "size=262144k" in options.split(","), place


BESIDE = """
import os
os.chdir("/tmp/sockets")
for _ in range(1500):
    os.mkdir("deep")
    os.chdir("deep")
os.chdir("/tmp/scratch/lab")
for number in range(4):
    with open(f"/tmp/sockets/deep/{number}", "wb") as file:
        written = file.write(bytes(30 * 2**20))
    os.remove(file.name)
"""


def test_nothing_that_a_kernel_writes_beside_its_sockets_lies_outside(ask):
    ask.run(BESIDE)
    assert ask("written") == 30 * 2**20
    assert [path.name for path in ask.manager.folder.iterdir()] == ["kernel.json"]
    assert ask("'deep' in os.listdir('/tmp/sockets')")


def test_a_socket_that_a_kernel_puts_in_place_of_its_own_is_not_reached(work, one_thread):
    with kernel(work, warm=True) as asked:
        asked.run(
            "import os, socket\n"
            "os.remove('/tmp/sockets/judge')\n"
            "other = socket.socket(socket.AF_UNIX)\n"
            "other.bind('/tmp/sockets/judge')\n"
            "other.listen()\n"
            "other.settimeout(0.1)"
        )
        (line,) = asked.manager.lines(1)
        line.close()
        asked.run("try: other.accept(); raise AssertionError\nexcept TimeoutError: pass")


@pytest.mark.parametrize("warm", [False, True], ids=["started", "forked"])
def test_folders_for_temporary_files_may_be_closed_and_deep(
    tmp_path, monkeypatch, one_thread, warm
):
    closed = tmp_path / ("x" * 60) / ("y" * 60)
    work = closed / "work" / "part"
    mask = os.umask(0o077)
    try:
        work.mkdir(parents=True)
        (work / "notes.txt").write_text("mine")
        monkeypatch.setattr(tempfile, "tempdir", str(closed))
        with kernel(work.parent, warm) as asked:
            assert asked("open('part/notes.txt').read()") == "mine"
    finally:
        os.umask(mask)


# Who grades makes no difference

SEEN = """
import os, resource, stat
def listing(folder):
    paths = [folder, *(os.path.join(folder, name) for name in sorted(os.listdir(folder)))]
    return {
        path: [stat.filemode(os.lstat(path).st_mode)]
        + [os.access(path, mode, follow_symlinks=False) for mode in (os.R_OK, os.W_OK, os.X_OK)]
        for path in paths
    }

def seen():
    status = [line.split() for line in open("/proc/self/status")]
    kinds = ("Cap", "Seccomp", "NoNew", "Umask", "Sig", "Threads")
    mounts = [line.split()[4:6] for line in open("/proc/self/mountinfo")]
    return {
        "status": [line for line in status if line[0].startswith(kinds)],
        "limits": [resource.getrlimit(number) for number in range(16)],
        "environment": dict(os.environ),
        "mounts": sorted(line for line in mounts if line[0] not in ("/proc/bus", "/proc/irq")),
        "folders": [listing(folder) for folder in (
            "/", "/etc", "/tmp", "/tmp/home", "/tmp/scratch", "/tmp/scratch/lab", "/tmp/sockets",
            "/course", "/inside", "/submission", "/proc/sys", "/proc/sys/kernel")],
        "devices": sorted(os.listdir("/dev")),
        "groups": os.getgroups() in ([], [os.getgid()]),
        "priority": [os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)],
    }
"""


def test_root_and_an_ordinary_user_see_the_same_inside(work, one_thread, monkeypatch):
    told = []
    for ordinary in (False, True):
        if ordinary:
            in_user_namespace(monkeypatch)
        with kernel(work, warm=True) as asked:
            asked.run(SEEN)
            told.append(asked("seen()"))
    first, second = told
    for name in first:
        assert first[name] == second[name], name
    folders = {path: seen for folder in first["folders"] for path, seen in folder.items()}
    assert folders["/etc"] == ["drwxr-xr-x", True, False, True]
    assert not any(seen[2] for path, seen in folders.items() if path.startswith("/proc/sys"))


LESS_THAN_ASKED = """
import sys
from pathlib import Path
from autograders.tests.kernels import kernel

for warm in (False, True):
    with kernel(Path(sys.argv[1]), warm) as asked:
        assert asked("__import__('resource').getrlimit(7)") == [300, 300]
"""


def test_a_grader_with_low_limits_of_its_own_still_grades(work, one_thread):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))  # number 7 on Linux

    told = subprocess.run(
        [sys.executable, "-c", LESS_THAN_ASKED, str(work)],
        preexec_fn=lower,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


# Memory, wherever it is

WATCHES = """
        import select
        def watch():
            file = os.eventfd(0)
            copies = [os.dup(file) for _ in range(250)]
            made = [select.epoll() for _ in range(40)]
            for epoll in made:
                for copy in copies:
                    epoll.register(copy)
            for copy in copies:
                os.close(copy)
            return made, file
        """
GROWS = {
    "a process": "held = bytearray(os.urandom(1) * 450 * 2**20)",
    "processes that share nothing": """
        for _ in range(6):
            if os.fork() == 0:
                held = bytearray(os.urandom(1) * 70 * 2**20)
                time.sleep(300)
        """,
    "a process that cannot be looked into": """
        import ctypes
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        held = bytearray(os.urandom(1) * 450 * 2**20)
        """,
    "a process whose name is no text": """
        import ctypes
        ctypes.CDLL(None).prctl(15, b"\\xff) 1 (\\n", 0, 0, 0)  # PR_SET_NAME
        held = bytearray(os.urandom(1) * 450 * 2**20)
        """,
    "memory that processes share": """
        import mmap
        held = [mmap.mmap(-1, 2**20) for _ in range(450)]
        for block in held:
            block.write(bytes(2**20))
        """,
    "what Linux notes of memory where nothing is": """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.mprotect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        most = int(open("/proc/sys/vm/max_map_count").read())
        held = libc.mmap(None, ctypes.c_size_t(2**30), 0, 0x4022, -1, ctypes.c_long(0))
        for n in range(min(2**17, most // 2 - 1000)):
            libc.mprotect(held + 8192 * n, 4096, 1)
        for _ in range(60):
            if os.fork() == 0:
                time.sleep(300)
        """,
    "files, and Matplotlib's among them": """
        for folder in ("/tmp/matplotlib", "/dev/shm"):
            for n in range(4):
                with open(f"{folder}/{n}", "wb") as file:
                    file.write(bytes(60 * 2**20))
        """,
    "files without anything in them": """
        for n in range(26):
            os.mkdir(f"/tmp/{n}")
            for m in range(20_000):
                os.close(os.open(f"/tmp/{n}/{m}", os.O_CREAT))
        """,
    "buffers of sockets": """
        import socket
        held = []
        for _ in range(5):
            if os.fork() == 0:
                for _ in range(220):
                    held += socket.socketpair()
                    for end in held[-2:]:
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**24)
                        end.setblocking(False)
                        try:
                            while end.send(bytes(2**16)):
                                pass
                        except BlockingIOError:
                            pass
                time.sleep(300)
        """,
    "what sockets that are closed have sent": """
        import socket
        held = []
        for n in range(120):
            held.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            held[-1].bind(f"/tmp/{n}")
            try:
                while True:
                    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
                        other.setblocking(False)
                        other.sendto(bytes(200_000), f"/tmp/{n}")
            except BlockingIOError:
                pass
        """,
    "connections that nobody has accepted": """
        import socket
        server = socket.socket(socket.AF_UNIX)
        server.bind("/tmp/server")
        server.listen(4096)
        for _ in range(1500):
            with socket.socket(socket.AF_UNIX) as other:
                other.setblocking(False)
                try:
                    other.connect("/tmp/server")
                    while other.send(bytes(2**15)):
                        pass
                except BlockingIOError:
                    pass
        """,
    "memory that was shared, but for a page": """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.memset.argtypes = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
        libc.munmap.argtypes = ctypes.c_void_p, ctypes.c_size_t
        for _ in range(10):
            held = libc.mmap(None, ctypes.c_size_t(2**26), 3, 0x21, -1, ctypes.c_long(0))
            libc.memset(held, 1, 2**26)
            libc.munmap(held + 4096, 2**26 - 4096)
        """,
    "memory that is shared, and in no process": """
        import mmap
        held = [mmap.mmap(-1, 2**26) for _ in range(10)]
        for block in held:
            block.write(bytes(2**26))
            block.madvise(mmap.MADV_DONTNEED)
        """,
    "a process whose first thread has ended": """
        import ctypes, threading
        def grow():
            global held
            held = bytearray(os.urandom(1) * 450 * 2**20)
            time.sleep(300)
        if os.fork() == 0:
            threading.Thread(target=grow).start()
            ctypes.CDLL(None).syscall(60, 0)  # exit, of a thread
        """,
    "locks": """
        import fcntl, struct
        for _ in range(5):
            if os.fork() == 0:
                for n in range(200):
                    file = os.open(f"/tmp/{os.getpid()}-{n}", os.O_RDWR | os.O_CREAT)
                    for m in range(500):
                        lock = struct.pack("hhqqii", fcntl.F_WRLCK, 0, 2 * m, 1, 0, 0)
                        fcntl.fcntl(file, fcntl.F_SETLK, lock)
                time.sleep(300)
        """,
    "what epoll watches": f"""{WATCHES}
        for _ in range(5):
            if os.fork() == 0:
                held = watch()
                time.sleep(300)
        """,
    "what nobody can look into": """
        import select, socket
        ours, theirs = socket.socketpair()
        with select.epoll() as epoll:
            socket.send_fds(ours, [b"x"], [epoll.fileno()])
        held = bytearray(os.urandom(1) * 50 * 2**20)
        for _ in range(5):
            if os.fork() == 0:
                time.sleep(300)
        """,
    "queues of TCP": """
        import socket
        held, server = [], socket.create_server(("127.0.0.1", 0))
        for _ in range(130):
            held += [socket.create_connection(server.getsockname()), server.accept()[0]]
            for end in held[-2:]:
                end.setblocking(False)
                try:
                    while end.send(bytes(2**20)):
                        pass
                except BlockingIOError:
                    pass
        """,
}
LESS = """
held = bytearray(os.urandom(1) * 100 * 2**20)
for _ in range(20):
    if os.fork() == 0:
        time.sleep(30)
"""


@pytest.mark.parametrize("kind", GROWS)
def test_memory_is_limited_wherever_it_is(work, one_thread, kind):
    with kernel(work, warm=True, together=400) as asked:
        process = asked.manager.provisioner.process
        asked.client.execute("import os, time\n" + dedent(GROWS[kind]) + "\ntime.sleep(300)")
        assert process.wait(120) != 0


HOARDS = {
    "terminals": "held = [os.openpty() for _ in range(70)]",
    "watches": f"{WATCHES}\n        held = [watch() for _ in range(4)]",
}


@pytest.mark.parametrize("kind", HOARDS)
def test_nobody_takes_what_others_need(work, one_thread, monkeypatch, kind):
    monkeypatch.setattr(watch, "_all_watches", lambda: 0)  # as if others had most of them
    with kernel(work, warm=True) as asked:
        process = asked.manager.provisioner.process
        asked.client.execute("import os, time\n" + dedent(HOARDS[kind]) + "\ntime.sleep(300)")
        assert process.wait(60) != 0


@pytest.mark.usefixtures("way")
def test_what_a_kernel_runs_is_the_first_to_go_where_memory_is_short(work, one_thread):
    with kernel(work, warm=True) as asked:
        asked.run("open('/proc/self/oom_score_adj', 'w').write('0')")
        end = time.monotonic() + 30
        while asked("int(open('/proc/self/oom_score_adj').read())") != 500:
            assert time.monotonic() < end


def test_where_a_container_does_not_say_what_linux_notes_it_may_be_much(monkeypatch):
    assert 0 < watch._machine().noted < math.inf
    monkeypatch.setattr(watch, "_read", lambda name: b"SUnreclaim:     0 kB\nShmem:    2048 kB\n")
    assert watch._machine() == (math.inf, 2)


def test_nothing_runs_unwatched(monkeypatch):
    def fail(*_):
        raise ValueError("as if Linux had said something that nobody expects")

    monkeypatch.setattr(group, "make", lambda *_: None)
    monkeypatch.setattr(watch, "_is_full", fail)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    process = subprocess.Popen(["sleep", "60"])
    watch.watch(process, memory=400, cpu=10).join()
    assert process.wait(10) == -signal.SIGKILL


def test_copies_of_a_process_count_by_what_is_their_own(work, one_thread):
    with kernel(work, warm=True, together=400) as asked:
        asked.run("import os, time\n" + LESS + "\ntime.sleep(2)")
        assert asked("len([name for name in os.listdir('/proc') if name.isdigit()])") >= 20


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Return a folder like that of Linux's groups, with the grader's own in it."""
    (tmp_path / "service/grader").mkdir(parents=True)
    (tmp_path / "own").write_text("1:cpu:/x\n0::/service/grader\n")
    monkeypatch.setattr(group, "ROOT", tmp_path)
    monkeypatch.setattr(group, "OWN", tmp_path / "own")
    return tmp_path


def test_where_linux_gives_limits_on_a_room_has_a_group_beside_the_grader_s(groups):
    assert group.make([7], 5) is None
    (groups / "service/cgroup.subtree_control").write_text("cpu pids\n")
    assert group.make([7], 5) is None
    (groups / "service/cgroup.subtree_control").write_text("cpu memory\n")
    made = group.make([7, 8], 5)
    assert made.parent == groups / "service"
    told = {path.name: path.read_text() for path in made.iterdir()}
    assert told == {"memory.max": "5242880", "memory.oom.group": "1", "cgroup.procs": "8"}


def test_groups_of_a_grader_that_was_killed_are_removed_by_the_next(groups):
    service = groups / "service"
    (service / "cgroup.subtree_control").write_text("memory\n")
    with subprocess.Popen(["true"]) as ended:
        pass
    names = {f"room-{ended.pid}-0", f"room-{ended.pid}-1", f"room-{os.getppid()}-0", "room-of-mine"}
    for name in names:
        (service / name).mkdir()
    (service / f"room-{ended.pid}-1/process").touch()  # Linux removes none that is not empty
    made = group.make([7], 5)
    assert {path.name for path in service.glob("room-*")} == names - {f"room-{ended.pid}-0"} | {
        made.name
    }


def test_a_group_that_linux_refuses_is_none(groups, monkeypatch):
    (groups / "service/cgroup.subtree_control").write_text("memory\n")
    monkeypatch.setattr(group, "_numbers", iter(["a"]))
    (groups / f"service/room-{os.getpid()}-a").mkdir()  # there is one of that name
    monkeypatch.setattr(group, "_PATIENCE", 0)
    assert group.make([7], 5) is None
