"""A room for one process of a submission's: its walls, what stands in it, and how it is entered.

The student's kernel has one (:mod:`.provisioner`), and the judge has another
(:mod:`autograders.grading.judge.process`). A process is started there, or forked from a zygote
(:mod:`.warm`) and moved in. The walls come from :mod:`.bubblewrap`, what stands inside from
:mod:`.view`.
"""

from __future__ import annotations

import base64
import importlib
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from traitlets import Bool, CaselessStrEnum, Dict, Integer, List, TraitError, Unicode, validate
from traitlets.config import Configurable

from autograders.grading import crossing
from autograders.grading.crossing.peer import Course
from autograders.grading.sandbox import bubblewrap, calls, memory, view, warm, watch

# All that a process can write lies in one place of a size, but for memory that it shares.
HOME = "/tmp/home"
SCRATCH = "/tmp/scratch"
MATPLOTLIB = "/tmp/matplotlib"
SOCKETS = "/tmp/sockets"
CONNECTION = f"{SOCKETS}/kernel.json"
MEGABYTE = 2**20
_KEPT = (
    "LANG",
    "LC_ALL",
    "TZ",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NBGRADER_EXECUTION",
)
# What is imported inside, by package: where it is, and where it is seen.
_PACKAGES = {
    f"{__package__}.inside": Path(__file__).with_name("inside"),
    crossing.__name__: Path(crossing.__file__).parent,
}


def _inside(package: str) -> Path:
    return Path("/inside", *package.split("."))


def program(name: str) -> str:
    """Return the Python that starts one of the programs inside, by its name."""
    return (
        'import sys; sys.path.insert(0, "/inside"); '
        f"from {__package__}.inside.{name} import main; main(*sys.argv[1:])"
    )


class Sandbox(Configurable):
    """What a student's kernel may use; set in ``nbgrader_config.py`` as ``c.Sandbox.memory = ...``.

    Sizes are in megabytes of 2**20 bytes, times in seconds.
    """

    isolation = CaselessStrEnum(
        ["bubblewrap", "none"],
        "bubblewrap",
        help="'none' runs students' code with your own rights: for work that you trust.",
    ).tag(config=True)
    memory = Integer(4096, help="Address space of a process, in megabytes.").tag(config=True)
    processes = Integer(256, help="Processes and threads together.").tag(config=True)
    cpu = Integer(600, help="CPU time of a process, in seconds.").tag(config=True)
    together = Integer(4096, help="Memory of a room with all that is in it, in megabytes.").tag(
        config=True
    )
    warm = Bool(
        True,
        help="Fork kernels from a process that has imported what the lab imports, where possible.",
    ).tag(config=True)
    kept = Integer(8, help="Labs kept ready so, about 150 megabytes each.").tag(config=True)
    file_size = Integer(64, help="The largest file, in megabytes.").tag(config=True)
    disk = Integer(256, help="All files of a kernel together, in megabytes.").tag(config=True)
    packages = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="Packages of the course's own that labs import, wherever they are installed; by name: "
        "a function that says what of them is covered for a lab (see `Given`), or nothing.",
    ).tag(config=True)
    folders = List(
        Unicode(),
        help="Folders outside the course that labs read, by their absolute paths. Those that hold "
        "modules belong into PYTHONPATH, in `environment`.",
    ).tag(config=True)
    environment = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="More variables of the environment. What PATH and PYTHONPATH name comes first.",
    ).tag(config=True)

    @validate("packages")
    def _are_installed(self, proposal: Any) -> dict[str, str]:
        packages: dict[str, str] = proposal["value"]
        if missing := [name for name in packages if find_spec(name) is None]:
            raise TraitError(f"c.Sandbox.packages: {', '.join(missing)} is not installed here")
        return packages

    @validate("folders")
    def _are_there(self, proposal: Any) -> list[str]:
        folders: list[str] = proposal["value"]
        for folder in folders:
            if not (Path(folder).is_absolute() and Path(folder).is_dir()):
                raise TraitError(f"c.Sandbox.folders: {folder} is no absolute path of a folder")
        return folders

    def given(self, assignment: str, lab: str) -> view.Given:
        """Return what the course gives out beside a lab."""
        return view.Given(assignment, lab, tuple(self.packages.items()), tuple(self.folders))

    def limits(self) -> dict[str, int]:
        """Return those that Linux keeps for each process, by the names in :mod:`resource`."""
        return {
            "RLIMIT_AS": self.memory * MEGABYTE,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_FSIZE": self.file_size * MEGABYTE,
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 512,
            "RLIMIT_SIGPENDING": 1024,  # timers of timer_create, too
        }


@dataclass(frozen=True)
class About:
    """What a room is for.

    Attributes
    ----------
    assignment, lab : str
        The lab, which decides what of the course's packages is there.
    template : Template, optional
        What submissions to the lab have in common; without it, nothing is forked.
    course : Course
        What a kernel and its judge agree on.
    """

    assignment: str
    lab: str
    template: warm.Template | None = None
    course: Course = Course()

    def agreed(self) -> dict[str, Any]:
        """Return what a kernel and its judge agree on, ready for JSON."""
        return asdict(self.course)


@dataclass(frozen=True)
class Birth:
    """What it takes to fork a process into a room.

    Attributes
    ----------
    lab : WarmLab
        The zygotes of the lab.
    zygote : Zygote
        The one to fork from.
    files : tuple of int
        Open files that Bubblewrap's command names.
    last : tuple of str
        The end of that command: the program that keeps the sandbox until the process has ended.
    """

    lab: warm.WarmLab
    zygote: warm.Zygote
    files: tuple[int, ...]
    last: tuple[str, ...] = ("--", "cat")


class Room:
    """A room for one process.

    Parameters
    ----------
    sandbox : Sandbox
        The settings.
    about : About
        What it is for.
    work : Path
        The grader's own folder, whose copy is the working directory.
    cells : sequence of str, optional
        Sources of the cells that the process begins with, if it may be forked.
    connection : Path, optional
        Of a kernel: the file with the names of its sockets.
    log : logging.Logger
        For saying once why a process is not forked.

    Attributes
    ----------
    command : list of str
        What stands before the process's own command: empty for no isolation.
    plan : dict
        What :mod:`.inside.enter` needs to know beside that command.
    born : Birth or None
        Where the process is forked; None: it is started.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        about: About,
        work: Path,
        cells: Sequence[str] | None,
        connection: Path | None,
        log: logging.Logger,
    ) -> None:
        walls = bubblewrap.check() if sandbox.isolation == "bubblewrap" else None
        self.log = log
        self._look_at_memory()
        self.born = None
        if walls and sandbox.warm and about.template is not None and cells is not None:
            self.born = self._born(walls, sandbox, about, cells)
        self.plan: dict[str, Any] = {
            "copy": ["/submission", f"{SCRATCH}/lab"],
            "limits": sandbox.limits(),
            "user": walls.user() if walls else None,
            "identity": [os.getuid(), os.getgid()],
            "denied": base64.b64encode(calls.program()).decode() if walls else "",
        }
        self.command: list[str] = []
        if walls:
            _let_read(work)
            start = walls.of_kernel(bubblewrap.users()) if self.born else walls.command
            self.command = [
                *start,
                *_places(sandbox, about),
                *("--ro-bind", str(work), "/submission"),
                *(("--ro-bind", str(connection), CONNECTION) if connection else ()),
                *("--remount-ro", "/"),
                *(() if self.born else ("--", sys.executable, "-I", "-S", "-c", program("enter"))),
            ]

    def started(
        self, command: Sequence[str], environment: Mapping[str, str] = MappingProxyType({})
    ) -> list[str]:
        """Return the whole command that starts a process in the room, with more variables."""
        if not self.command:
            return [*command]
        plan = {**self.plan, "command": [*command], "environment": dict(environment)}
        return [*self.command, json.dumps(plan)]

    def walls_alone(self, told: int) -> list[str]:
        """Return the command that makes the room and waits; it tells of it by an open file.

        It has to have the other end open, too: to tell of it when whoever started it is gone would
        end Bubblewrap's first process, and the second one waits for the first.
        """
        assert self.born is not None
        return [*self.command, "--info-fd", str(told), *self.born.last]

    def move_in(
        self, process: Any, lifeline: int, read: int, request: dict[str, Any], files: Sequence[int]
    ) -> None:
        """Have a process forked into the room that was just made.

        Parameters
        ----------
        process : subprocess.Popen
            Of :meth:`walls_alone`, with a pipe for its output.
        lifeline : int
            The other end of its input.
        read : int
            Where it tells of the room.
        request : dict
            What the process is to become.
        files : sequence of int
            Open files for it.

        Raises
        ------
        RuntimeError
            If that is not possible; the next process for the lab is started.
        """
        assert self.born is not None
        try:
            with ExitStack() as stack:
                namespaces = _namespaces(bubblewrap.about(read), stack)
                os.write(lifeline, b"\n")
                if not process.stdout.read(1):
                    raise warm.WarmError("the sandbox for a warm process ended at once")
                answer = self.born.zygote.ask(
                    {**request, **self.plan}, [lifeline, *files, *namespaces]
                )
                warm.heed(answer)
        except (warm.WarmError, bubblewrap.SandboxError) as error:
            warm.kept.drop(self.born.lab, error)
            watch.end(process)
            raise RuntimeError(f"A warm process could not be forked: {error}") from None

    def _born(
        self, walls: bubblewrap.Walls, sandbox: Sandbox, about: About, cells: Sequence[str]
    ) -> Birth | None:
        """Return where the process can be forked; say once why it has to be started instead."""
        template = about.template
        assert template is not None

        def make() -> warm.WarmLab:
            command = [
                *walls.of_zygote(users),
                *_places(sandbox, about, own_processes=False),
                *("--remount-ro", "/"),
                *("--", sys.executable, "-P", "-c", program("zygote")),
            ]
            return warm.WarmLab(command, files, template, f"{SCRATCH}/lab", about.agreed())

        try:
            users = bubblewrap.users()
            files = () if users is None else (users,)
            given = sandbox.given(about.assignment, about.lab)
            written = view.stamp([*sandbox.packages])
            key = (walls, about, given, written, *sorted(_environment(sandbox).items()))
            lab = warm.kept.get(key, make, sandbox.kept)
            return Birth(lab, lab.stage(cells), files)
        except (warm.WarmError, bubblewrap.SandboxError) as error:
            which = "Kernels" if warm.kept.refused else f"Kernels for {about.lab}"
            self._say_once(str(error), f"{which} are started, not forked: {error}")
            return None

    def _look_at_memory(self) -> None:
        """Say if there is too little for what is to be started here."""
        megabytes = memory.free() // MEGABYTE
        if megabytes < memory.NEEDED:
            self._say_once(
                "memory",
                f"{megabytes} MB of memory are free, and grading a lab may take {memory.NEEDED}: "
                "what Linux ends for want of memory is named, and has to be graded again",
            )

    def _say_once(self, what: str, sentence: str) -> None:
        if what not in said:
            said[what] = sentence
            self.log.warning(sentence)


def _let_read(folder: Path) -> None:
    """Let everybody read a folder, whatever root's mask is; only the room makes it seen."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def pipe(stack: ExitStack) -> tuple[int, int]:
    """Make a pipe that is closed on this side with the stack."""
    ends = os.pipe()
    for end in ends:
        stack.callback(os.close, end)
    return ends


def _namespaces(told: dict[str, int], stack: ExitStack) -> list[int]:
    """Open a sandbox's namespaces, and make sure that they are the ones that Bubblewrap named."""
    opened = []
    for name in ("cgroup", "ipc", "uts", "net", "pid", "mnt"):
        number = told.get(f"{name}-namespace")
        if number is None:
            continue  # not made on this machine: --unshare-cgroup-try
        file = os.open(f"/proc/{told['child-pid']}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
        stack.callback(os.close, file)
        if os.fstat(file).st_ino != number:
            raise warm.WarmError("the sandbox for a warm process is gone already")
        opened.append(file)
    return opened


said: dict[str, str] = {}  # by what it is about: a sentence on this machine


def _environment(sandbox: Sandbox) -> dict[str, str]:
    more = sandbox.environment
    path = (more.get("PATH"), str(Path(sys.executable).parent), "/usr/bin", "/bin")
    modules = (more.get("PYTHONPATH"), view.COURSE)
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **more,
        "HOME": HOME,
        "USER": "student",
        "PATH": os.pathsep.join(filter(None, path)),
        "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "IPYTHONDIR": f"{HOME}/ipython",
        "MPLCONFIGDIR": MATPLOTLIB,
    }


def _places(sandbox: Sandbox, about: About, own_processes: bool = True) -> list[str]:
    """Return Bubblewrap's options for all that a lab's rooms have alike."""
    size = ("--size", str(sandbox.disk * MEGABYTE))
    given = sandbox.given(about.assignment, about.lab)
    return [
        *("--perms", "1777", *size, "--tmpfs", "/tmp"),  # first: the course may lie below it
        *view.mounts(given, own_processes, sandbox.disk),
        *(
            part
            for path in (HOME, SCRATCH, MATPLOTLIB, SOCKETS)
            for part in ("--perms", "0777", "--dir", path)
        ),
        *(
            part
            for path in _font_lists()
            for part in ("--ro-bind", str(path), f"{MATPLOTLIB}/{path.name}")
        ),
        *(part for name, path in _PACKAGES.items() for part in view.bind(path, _inside(name))),
        *(part for name in about.course.extensions for part in _extension(name)),
        *(part for item in _environment(sandbox).items() for part in ("--setenv", *item)),
        *("--chdir", HOME),  # or it hangs on where the grader stands
    ]


@lru_cache
def _extension(name: str) -> list[str]:
    """Return the options that show a module of the course's own with codecs; ours are there."""
    if name.startswith(f"{crossing.__name__}."):
        return []
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return list(view.bind(Path(spec.origin), _inside(name).with_suffix(".py")))


@lru_cache
def _font_lists() -> list[Path]:
    """Return the lists of fonts that Matplotlib has made; in a new home that takes it seconds."""
    if find_spec("matplotlib") is None:
        return []
    import matplotlib

    folder = Path(matplotlib.get_cachedir())
    if not any(folder.glob("fontlist-*.json")):
        importlib.import_module("matplotlib.font_manager")
    return sorted(folder.glob("fontlist-*.json"))
