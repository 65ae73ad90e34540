"""The system calls that no program in a room can make, and why not.

Docker and Flatpak filter by default, too; this filter leaves out more, for a room has no network
and shares nothing. libseccomp, which both use, makes a program of the table for Linux to run, and
:mod:`.inside.border` loads it. :mod:`.bubblewrap` and :mod:`.room` lean on it.
"""

from __future__ import annotations

import ctypes
import errno
import tempfile
from functools import lru_cache
from itertools import count
from struct import pack
from typing import NamedTuple

LIBRARY = "libseccomp.so.2"
IS, HAS, IS_NOT, ABOVE = "is", "has", "is not", "above"
WITHOUT = "has the higher of two flags without the lower"
LARGEST = 2**26  # bytes of memory that processes share: as much as a file may have
_FAMILIES = 64  # of sockets; Linux has 46
_UNIX, _INET, _NETLINK = 1, 2, 16  # Python knows them by name on Linux alone


class Denied(NamedTuple):
    """Calls that are denied.

    Nobody is killed for trying: libraries try a call, and do without it.

    Attributes
    ----------
    names : str
        Their names, by Linux's own list.
    why : str
        What they would be good for, in a room.
    error : int
        What they fail with. ENOSYS stands for a Linux that has no such call.
    only : tuple of (int, str, int)
        Which arguments have to be what; without any, all calls of that name are denied.
    """

    names: str
    why: str
    error: int = errno.EPERM
    only: tuple[tuple[int, str, int], ...] = ()


DENIED = (
    Denied("add_key request_key keyctl", "a user's and a login's keys are not a room's own"),
    Denied("ptrace process_vm_readv process_vm_writev", "read and steer other processes"),
    Denied("process_madvise process_mrelease", "change what memory other processes have"),
    Denied("pidfd_getfd kcmp", "take the open files of other processes, and compare them"),
    Denied("perf_event_open", "measures other processes and the kernel"),
    Denied("bpf", "runs programs in the kernel"),
    Denied("userfaultfd", "holds the kernel where it reads memory, which wins races"),
    Denied("io_uring_setup io_uring_enter", "makes calls that no filter sees", errno.ENOSYS),
    Denied("io_uring_register", "belongs to it", errno.ENOSYS),
    Denied("mount umount2 pivot_root chroot", "change what is seen where"),
    Denied("fsopen fsconfig fsmount fspick", "the same in smaller steps", errno.ENOSYS),
    Denied("open_tree open_tree_attr move_mount mount_setattr", "the same", errno.ENOSYS),
    Denied("setns unshare", "a process has every right in a namespace that it made"),
    Denied("seccomp", "a filter of its own takes memory that is not counted", errno.ENOSYS),
    Denied("prctl", "PR_SET_SECCOMP makes one, too", errno.EINVAL, ((0, IS, 22),)),
    Denied("clone3", "its flags are out of sight; libraries take clone then", errno.ENOSYS),
    *(
        Denied("clone", f"makes a namespace: {name}", only=((0, HAS, flag),))
        for name, flag in {
            "CLONE_NEWNS": 0x00020000,
            "CLONE_NEWCGROUP": 0x02000000,
            "CLONE_NEWUTS": 0x04000000,
            "CLONE_NEWIPC": 0x08000000,
            "CLONE_NEWUSER": 0x10000000,
            "CLONE_NEWPID": 0x20000000,
            "CLONE_NEWNET": 0x40000000,
        }.items()
    ),
    Denied("name_to_handle_at open_by_handle_at", "open a file past the folders above it"),
    Denied("init_module finit_module delete_module", "change the kernel"),
    Denied("kexec_load kexec_file_load reboot", "start another kernel"),
    Denied("swapon swapoff acct quotactl quotactl_fd", "are for who runs the machine"),
    Denied("syslog settimeofday clock_settime vhangup", "are for who runs the machine"),
    Denied("iopl ioperm modify_ldt", "are for drivers, and programs of sixteen bits"),
    Denied("personality", "changes the layout of memory", only=((0, IS_NOT, 0xFFFFFFFF),)),
    Denied("uselib sysfs ustat _sysctl lookup_dcookie", "are not looked after", errno.ENOSYS),
    Denied("mbind move_pages migrate_pages set_mempolicy", "place memory in the whole machine"),
    Denied("get_mempolicy set_mempolicy_home_node", "belong to it"),
    Denied("sync syncfs", "have the machine write its disks, as often as one likes"),
    Denied("ioctl", "TIOCSTI types into a terminal", only=((1, IS, 0x5412),)),
    Denied("ioctl", "TIOCLINUX does, too", only=((1, IS, 0x541C),)),
    Denied("ioctl", "TIOCSETD loads drivers for old lines", only=((1, IS, 0x5423),)),
    # A kernel talks over Unix sockets, to what it forks over the room's own 127.0.0.1, and asks by
    # netlink which addresses there are. Each other family is one more part of Linux to reach, and
    # some lead out: vsock out of a virtual machine.
    *(
        Denied("socket", "no such network is there", errno.EAFNOSUPPORT, ((0, IS, family),))
        for family in range(_FAMILIES)
        if family not in (_UNIX, _INET, _NETLINK)
    ),
    Denied("socket", "nor any to come", errno.EAFNOSUPPORT, ((0, ABOVE, _FAMILIES - 1),)),
    Denied(
        "socket",
        "netlink changes more than addresses",
        errno.EPROTONOSUPPORT,
        ((0, IS, _NETLINK), (2, IS_NOT, 0)),
    ),
    # Memory that is in no process and no folder is not counted; :mod:`.watch` counts the rest.
    Denied("memfd_create memfd_secret", "make files that are in no folder", errno.ENOSYS),
    Denied("vmsplice", "keeps memory in a pipe that no process has any more", errno.ENOSYS),
    Denied("shmget semget msgget mq_open", "make what stays when a process ends", errno.ENOSYS),
    Denied(
        "mmap",
        "what is shared stays as a whole as long as any part of it does",
        errno.ENOMEM,
        ((3, HAS, 0x21), (1, ABOVE, LARGEST)),
    ),
    Denied("mmap", "the machine has few huge pages, if any", errno.ENOMEM, ((3, HAS, 0x40000),)),
    Denied("clone", "a thread hides what it alone has open", only=((0, WITHOUT, 0x10400),)),
    Denied("setxattr lsetxattr fsetxattr setxattrat", "lists of access", errno.EOPNOTSUPP),
    Denied("landlock_create_ruleset", "has as many rules as one likes", errno.ENOSYS),
    Denied("prctl", "PR_FUTEX_HASH makes a table of any size", errno.EINVAL, ((0, IS, 78),)),
    Denied("fcntl", "F_SETPIPE_SZ makes pipes large", only=((1, IS, 1031), (2, ABOVE, 2**18))),
    Denied("fcntl", "F_OFD_SETLK: a lock for which no file is open", errno.EINVAL, ((1, IS, 37),)),
    Denied("fcntl", "F_OFD_SETLKW does, too", errno.EINVAL, ((1, IS, 38),)),
    *(
        Denied("setsockopt", why, errno.ENOPROTOOPT, ((1, IS, 1), (2, IS, option)))
        for option, why in {
            26: "SO_ATTACH_FILTER makes a program, and Linux has little room for all of them",
            50: "SO_ATTACH_BPF does, too",
            51: "SO_ATTACH_REUSEPORT_CBPF does, too",
            52: "SO_ATTACH_REUSEPORT_EBPF does, too",
            60: "SO_ZEROCOPY keeps memory that no process has any more",
        }.items()
    ),
    Denied("io_setup", "is for databases, and the machine has so many in all", errno.ENOSYS),
    # They may ask, as Linux may refuse: an error would break libraries that try.
    Denied(
        "setsockopt", "SO_SNDBUF makes a buffer of eight megabytes", 0, ((1, IS, 1), (2, IS, 7))
    ),
    Denied("setsockopt", "SO_RCVBUF does, too", 0, ((1, IS, 1), (2, IS, 8))),
    # Files of the system are seen in all rooms, and what one notes on them, others can read.
    Denied("flock", "a lock is seen by all who have the file", errno.ENOSYS),
    Denied("fcntl", "F_GETLK sees a lock for reading", errno.EINVAL, ((1, IS, 5),)),
    Denied("fcntl", "F_OFD_GETLK does, too", errno.EINVAL, ((1, IS, 36),)),
    Denied("fcntl", "F_SETLEASE tells when a file is opened", errno.EINVAL, ((1, IS, 1024),)),
    Denied("fcntl", "F_GETLEASE belongs to it", errno.EINVAL, ((1, IS, 1025),)),
    Denied("fcntl", "F_NOTIFY tells what happens in a folder", errno.EINVAL, ((1, IS, 1026),)),
    Denied("fcntl", "F_GET_RW_HINT reads a note on a file", errno.EINVAL, ((1, IS, 1035),)),
    Denied("fcntl", "F_SET_RW_HINT writes it", errno.EINVAL, ((1, IS, 1036),)),
    Denied("inotify_init inotify_init1 fanotify_init", "tell what is opened", errno.ENOSYS),
)

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_ACT_BADARCH = 2
_NE, _GT, _MASKED_EQ = 1, 6, 7
_INT = 0xFFFFFFFF  # of an argument of this type, Linux looks at no more
_FIRST_COMMON = 424  # from here on, calls have the same number on every machine


class _Compared(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


@lru_cache
def program() -> bytes:
    """Return the filter, as Linux takes it.

    A call that libseccomp does not know is newer than this table, and does not exist in a room;
    nor do calls for programs of another kind of machine (32 bits on one of 64).

    Raises
    ------
    OSError
        If there is no libseccomp, or it cannot do this.
    """
    library = ctypes.CDLL(LIBRARY)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_syscall_resolve_num_arch.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(_ALLOW))
    try:
        _do(library.seccomp_attr_set(context, _ACT_BADARCH, _ERRNO | errno.ENOSYS))
        for denied in DENIED:
            for name in denied.names.split():
                number = library.seccomp_syscall_resolve_name(name.encode())
                if number >= 0:  # else this machine has none
                    compared = [_compared(*condition) for condition in denied.only]
                    array = (_Compared * len(compared))(*compared)
                    action = ctypes.c_uint32(_ERRNO | denied.error)
                    _do(
                        library.seccomp_rule_add_array(
                            context, action, number, len(compared), array
                        )
                    )
        with tempfile.TemporaryFile() as file:
            _do(library.seccomp_export_bpf(context, file.fileno()))
            file.seek(0)
            made = file.read()
    finally:
        library.seccomp_release(context)
    here = library.seccomp_arch_native()
    unknown = next(
        number
        for number in count(_FIRST_COMMON)
        if not library.seccomp_syscall_resolve_num_arch(here, number)
    )
    return _up_to(unknown) + made


def _compared(place: int, how: str, value: int) -> _Compared:
    if how in (IS_NOT, ABOVE):
        return _Compared(place, _NE if how == IS_NOT else _GT, value, 0)
    if how == WITHOUT:
        return _Compared(place, _MASKED_EQ, value, value & (value - 1))
    return _Compared(place, _MASKED_EQ, value if how == HAS else _INT, value)


def _up_to(number: int) -> bytes:
    """Return the beginning of a filter that denies the call of a number, and all above."""
    load, at_least, answer = 0x20, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JGE|K, BPF_RET|K
    return b"".join(
        pack("HBBI", *part)
        for part in (
            (load, 0, 0, 0),
            (at_least, 0, 1, number),
            (answer, 0, 0, _ERRNO | errno.ENOSYS),
        )
    )


def _do(failed: int) -> None:
    if failed:
        raise OSError(-failed, "libseccomp cannot make the filter of system calls")
