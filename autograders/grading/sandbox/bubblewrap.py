"""Find Bubblewrap, and find out which walls it can build on this machine.

Root gets them without a user namespace, and the kernel is started as an unprivileged user; an
ordinary user gets them in a user namespace of their own.
:mod:`autograders.grading.sandbox.provisioner` puts the command together. Needs Linux and Bubblewrap
0.8 or newer (`--size`), and libseccomp (:mod:`.calls`).
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograders import ELSEWHERE
from autograders.grading.sandbox import calls

# Users that nobody is: the range that systemd gives to services for as long as they run. Each
# kernel gets one of its own, for Linux counts processes by user.
STRANGERS = range(61184, 65519)
INSTALL = (
    "Install it (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap; "
    "Arch: pacman -S bubblewrap), or name a weaker isolation in nbgrader_config.py, for work that "
    "you trust as your own: c.Sandbox.isolation = 'none'"
)


class SandboxError(RuntimeError):
    """Student code cannot be isolated on this machine; the message says what to do about it."""


@dataclass(frozen=True)
class Walls:
    """How Bubblewrap isolates a program on this machine.

    Attributes
    ----------
    command : tuple of str
        Bubblewrap and the options that make the namespaces.
    as_root : bool
        Whether the program inside must still become somebody else.
    """

    command: tuple[str, ...]
    as_root: bool

    def of_zygote(self, users: int | None) -> tuple[str, ...]:
        """Return Bubblewrap and its options for a zygote.

        Parameters
        ----------
        users : int or None
            What :func:`users` returned.
        """
        rights = (part for name in _ZYGOTE for part in ("--cap-add", f"CAP_{name}"))
        return (self.command[0], *_COMMON, *_joining(users), *rights)

    def of_kernel(self, users: int | None) -> tuple[str, ...]:
        """Return Bubblewrap and its options for the sandbox that a zygote's kernel moves into."""
        return (self.command[0], _OWN_PROCESSES, *_COMMON, *_joining(users))

    def user(self) -> int | None:
        """Return the user that the next program inside becomes, None if it stays who it is."""
        return next(_strangers) if self.as_root else None


_strangers = itertools.cycle(
    itertools.chain(STRANGERS[os.getpid() % 4000 :], STRANGERS[: os.getpid() % 4000])
)


_OWN_PROCESSES = "--unshare-pid"
_COMMON = (
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--clearenv",
    "--hostname",
    "sandbox",
)
# Root keeps, for one moment, what it needs to become somebody else who can get no rights back.
_TO_BECOME = ("SETUID", "SETGID", "SETPCAP")
_AS_ROOT = ("--cap-drop", "ALL", *(p for name in _TO_BECOME for p in ("--cap-add", f"CAP_{name}")))
_AS_USER = ("--unshare-user", "--cap-drop", "ALL")
# What a zygote needs to move what it forks into another sandbox, and to leave them no right there.
# SETFCAP is what Linux asks of whom makes a user namespace below one whose root is somebody.
_ZYGOTE = ("SYS_ADMIN", "SYS_CHROOT", "SETUID", "SETGID", "SETPCAP", "SETFCAP")


@lru_cache
def check() -> Walls:
    """Return the walls that this machine allows, after trying them.

    Raises
    ------
    SandboxError
        If this is not Linux, there is no Bubblewrap or no libseccomp, or namespaces cannot be made.
    """
    if sys.platform != "linux":
        raise SandboxError(f"students' code must be kept in a sandbox. {ELSEWHERE}")
    try:
        calls.program()
    except OSError as error:
        raise SandboxError(
            f"system calls cannot be filtered here ({error}), and students' code must not make "
            "them all. Install libseccomp (Debian, Ubuntu: apt-get install libseccomp2; Fedora: "
            "dnf install libseccomp), or name a weaker isolation in nbgrader_config.py, for work "
            "that you trust as your own: c.Sandbox.isolation = 'none'"
        ) from None
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            f"bubblewrap (bwrap) is not installed, and students' code must be kept "
            f"in a sandbox. {INSTALL}"
        )
    ways = [Walls(as_user(bwrap), as_root=False)]
    if os.getuid() == 0 and _everybody_may_read(Path(sys.prefix)):
        ways.insert(0, Walls((bwrap, _OWN_PROCESSES, *_COMMON, *_AS_ROOT), as_root=True))
    for walls in ways:
        said = _try(walls)
        if said is None:
            return walls
    raise SandboxError(
        f"bubblewrap cannot make a sandbox here; it says: {said}. {_reason()} Otherwise, for work "
        "that you trust as your own, name a weaker isolation in nbgrader_config.py: "
        "c.Sandbox.isolation = 'none'"
    )


def as_user(bwrap: str) -> tuple[str, ...]:
    """Return Bubblewrap and the options with which an ordinary user can start it."""
    return (bwrap, _OWN_PROCESSES, *_COMMON, *_AS_USER)


def users() -> int | None:
    """Return a user namespace for sandboxes that a zygote can enter, None where root needs none.

    An ordinary user's sandbox has a user namespace of its own, and what is in one cannot move into
    a sibling. So a grader's zygotes and their kernels' sandboxes are all made in this one, in which
    its owner is called root; a kernel then gets another one below it.

    Raises
    ------
    SandboxError
        If Bubblewrap cannot make it.
    """
    return None if check().as_root else _shared_users()


@lru_cache
def _shared_users() -> int:
    read, write = os.pipe()
    command = [check().command[0], "--unshare-user", "--uid", "0", "--gid", "0"]
    command += ["--info-fd", str(write), "--ro-bind", "/", "/", "cat"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[write],
    ):
        os.close(write)
        child = about(read)["child-pid"]
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)


def about(read: int) -> dict[str, int]:
    """Return what Bubblewrap tells of a sandbox by ``--info-fd``, and close the file.

    Raises
    ------
    SandboxError
        If it said nothing, because it could not make one.
    """
    with open(read, encoding="utf-8") as file:
        text = file.read()
    if not text:
        raise SandboxError("bubblewrap could not make a sandbox for a warm kernel")
    return json.loads(text)


def _joining(users: int | None) -> tuple[str, ...]:
    return (*(() if users is None else ("--userns", str(users))), "--cap-drop", "ALL")


def _try(walls: Walls) -> str | None:
    """Return what went wrong when a program was run inside as who it should be, None if it ran."""
    user = walls.user()
    become = f"import os; os.setgroups([]); os.setresuid({user}, {user}, {user})" if user else ""
    tried = subprocess.run(
        [
            *walls.command,
            *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
            *(sys.executable, "-I", "-S", "-c", become),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if tried.returncode == 0 else tried.stderr.strip()[-200:].removeprefix("bwrap: ")


def _everybody_may_read(folder: Path) -> bool:
    return folder.stat().st_mode & 0o5 == 0o5


def _reason() -> str:
    """Return the likeliest reason and what to do about it."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids user namespaces to ordinary users; an administrator allows them to "
            "bwrap with its profile: apt-get install apparmor-profiles, then apparmor_parser -r "
            "on bwrap-userns-restrict, which lies in /etc/apparmor.d or in "
            "/usr/share/apparmor/extra-profiles. Or to all: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0."
        )
    if _setting("user/max_user_namespaces") == "0" or (
        _setting("kernel/unprivileged_userns_clone") == "0"
    ):
        return (
            "This system forbids user namespaces; an administrator allows them with "
            "sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1."
        )
    return (
        "If this is a container, it forbids namespaces: start it with "
        "--security-opt seccomp=unconfined --security-opt systempaths=unconfined "
        "--security-opt apparmor=unconfined (Docker, Podman), or grade outside of it."
    )


def _setting(name: str) -> str:
    path = Path("/proc/sys", name)
    return path.read_text().strip() if path.exists() else ""
