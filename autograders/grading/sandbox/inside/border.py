"""Cross into a sandbox that stands already, and give up every right on the way.

Bubblewrap does this for a program that it starts; a process that is forked does it for itself, with
the same system calls. It leans on ctypes, for Python has them only since 3.12; :mod:`.zygote`
leans on it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_NEW_USER = 0x10000000  # CLONE_NEWUSER
_DUMPABLE, _DROP_BOUND, _NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR = 4, 24, 38, 47, 4
_SECCOMP, _FILTER = 22, 2
_STEP = 8  # bytes of one instruction of a filter


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def join(namespaces: Iterable[int]) -> None:
    """Move into namespaces, given as open files; into that of processes, what is forked next."""
    for namespace in namespaces:
        _call("setns", namespace, 0)


def rehearse() -> None:
    """Have a process of its own move to where it is already: the same rights are asked for.

    Raises
    ------
    OSError
        If that is not allowed, as where AppArmor leaves no capability to what Bubblewrap starts.
    """
    child = os.fork()
    if child == 0:
        names = ("ipc", "uts", "net", "mnt")  # those that every zygote has to itself
        try:
            join(os.open(f"/proc/self/ns/{name}", os.O_RDONLY) for name in names)
        except OSError as error:
            os._exit(error.errno or 255)
        os._exit(0)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, f"setns: {os.strerror(number)}")


def drop_rights(user: int | None, identity: tuple[int, int]) -> None:
    """Become nobody in particular, without a capability and without a way to get one.

    Parameters
    ----------
    user : int or None
        The user to become, where root is at work; None where the zygote has a user namespace: then
        the process gets another one below it, in which it has no rights either.
    identity : (int, int)
        User and group to be called in that namespace.
    """
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if user is None:
        within, group = os.getuid(), os.getgid()
        _call("unshare", _NEW_USER)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{identity[0]} {within} 1"),
            ("gid_map", f"{identity[1]} {group} 1"),
        ):
            Path("/proc/self", name).write_text(text)
    for capability in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text()) + 1):
        _call("prctl", _DROP_BOUND, capability, 0, 0, 0)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _call("prctl", _AMBIENT, _CLEAR, 0, 0, 0)
    drop_capabilities()
    _call("prctl", _DUMPABLE, 1, 0, 0, 0)  # or /proc/self would belong to root


def drop_capabilities() -> None:
    """Give up every capability that the process holds."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def deny(calls: bytes) -> None:
    """Have Linux filter the system calls of this process, and of all that it starts, for good.

    Parameters
    ----------
    calls : bytes
        What :func:`autograders.grading.sandbox.calls.program` returned.
    """
    program = _Program(len(calls) // _STEP, calls)
    _call("prctl", _SECCOMP, _FILTER, ctypes.byref(program), 0, 0)


def _call(name: str, *arguments: Any) -> None:
    whole = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    if getattr(_libc, name)(*whole) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
