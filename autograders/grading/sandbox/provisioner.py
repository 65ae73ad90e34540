"""Start a kernel behind Bubblewrap's walls, with limits, and talk to it over local sockets.

:class:`Sandbox` holds the settings; :class:`SandboxKernelManager` is what nbclient asks for a
kernel. The walls come from :mod:`.bubblewrap`, what stands inside them from :mod:`.view`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, CaselessStrEnum, Integer, default
from traitlets.config import Configurable

from autograders.grading.sandbox import bubblewrap, view, warm
from autograders.grading.sandbox.watch import watch

SCRATCH = "/scratch"
HOME = "/tmp/home"
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
_INSIDE = Path(__file__).with_name("inside")
_PROGRAMS = Path("/inside", *__package__.split("."), "inside")


def _program(name: str) -> str:
    """Return the Python that starts one of the programs inside, by its name."""
    return (
        'import sys; sys.path.insert(0, "/inside"); '
        f"from {__package__}.inside.{name} import main; main(*sys.argv[1:])"
    )


_KERNEL = _program("kernel")


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
    together = Integer(4096, help="Memory of a kernel with all that it started, in megabytes.").tag(
        config=True
    )
    warm = Bool(
        True,
        help="Fork kernels from a process that has imported what the lab imports, where possible.",
    ).tag(config=True)
    kept = Integer(8, help="Labs kept ready so, about 150 megabytes each.").tag(config=True)
    file_size = Integer(64, help="The largest file, in megabytes.").tag(config=True)
    disk = Integer(256, help="All files of a kernel together, in megabytes.").tag(config=True)
    message = Integer(32, help="The largest message accepted from a kernel, in megabytes.").tag(
        config=True
    )

    def limits(self) -> dict[str, int]:
        """Return the limits by the names that :mod:`resource` gives them."""
        return {
            "RLIMIT_AS": self.memory * MEGABYTE,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_CPU": self.cpu,
            "RLIMIT_FSIZE": self.file_size * MEGABYTE,
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 512,
        }


class SandboxProvisioner(LocalProvisioner):
    """Puts Bubblewrap's command before the kernel's.

    Parameters
    ----------
    command : list of str
        What stands before the kernel's command: empty for no isolation.
    connection_file : str
        Where the kernel reads the names of its sockets.
    plan : dict
        What :mod:`.inside.enter` needs to know beside the kernel's command.
    born : Birth, optional
        The zygote to fork the kernel from; without one, it is started.
    """

    def __init__(
        self,
        command: list[str],
        connection_file: str,
        plan: dict[str, Any],
        born: Birth | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.process: Any = None
        self.command, self.connection_file, self.plan = command, connection_file, plan
        self.born = born

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Return what to launch, and where its output goes: nowhere, for it could forge ours."""
        kwargs = await super().pre_launch(**kwargs)  # writes the file with the sockets' names
        if self.plan["user"] is not None:
            os.chown(self.connection_file, self.plan["user"], self.plan["user"])
        kwargs["stdout"] = kwargs["stderr"] = subprocess.DEVNULL
        if self.command and not self.born:
            kwargs["cmd"] = [*self.command, json.dumps({**self.plan, "command": kwargs["cmd"]})]
        if self.command:
            kwargs.pop("cwd", None)
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel, or the sandbox that it is to move into, and have it forked."""
        if not self.born:
            return await super().launch_kernel(cmd, **kwargs)
        with ExitStack() as stack:
            life, lifeline = _pipe(stack)
            read, told = os.pipe()
            kwargs |= {
                "stdin": life,
                "stdout": subprocess.PIPE,
                "pass_fds": [told, *self.born.files],
            }
            command = [*self.command, "--info-fd", str(told), *self.born.last]
            try:
                connection = await super().launch_kernel(command, **kwargs)
            finally:
                os.close(told)
            try:
                # Of the kernel's command, only what follows the program is of use.
                self._fork(self.born, lifeline, read, cmd[cmd.index(_KERNEL) + 1 :])
            except (warm.WarmError, bubblewrap.SandboxError) as error:
                warm.kept.drop(self.born.lab, str(error))
                self.process.kill()
                raise RuntimeError(f"A warm kernel could not be forked: {error}") from None
        return connection

    def _fork(self, born: Birth, lifeline: int, read: int, command: list[str]) -> None:
        """Have a kernel forked into the sandbox that was just started."""
        with ExitStack() as stack:
            namespaces = _namespaces(bubblewrap.about(read), stack)
            os.write(lifeline, b"\n")
            if not self.process.stdout.read(1):
                raise warm.WarmError("the sandbox for a warm kernel ended at once")
            request = {"do": "kernel", **self.plan, "command": command}
            answer = born.zygote.ask(request, [lifeline, *namespaces])
            if answer["trouble"]:
                raise warm.WarmError(answer["trouble"])

    async def wait(self) -> int | None:
        """Wait for the end, and look for it more often than the base class does."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(0.005)
        return await super().wait()


@dataclass(frozen=True)
class Birth:
    """What it takes to fork a kernel.

    Attributes
    ----------
    lab : WarmLab
        The zygotes of the lab.
    zygote : Zygote
        The one to fork from.
    files : tuple of int
        Open files that Bubblewrap's command names.
    last : tuple of str
        The end of that command: the program that keeps the sandbox until the kernel has ended.
    """

    lab: warm.WarmLab
    zygote: warm.Zygote
    files: tuple[int, ...]
    last: tuple[str, ...] = ("--", "cat")


def _pipe(stack: ExitStack) -> tuple[int, int]:
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
            raise warm.WarmError("the sandbox for a warm kernel is gone already")
        opened.append(file)
    return opened


class SandboxKernelClient(AsyncKernelClient):
    """A client that knows when a kernel is ready, and need not wait until it has been silent."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return as soon as both of the kernel's channels have answered.

        Raises
        ------
        RuntimeError
            If the kernel has ended, or did not answer in ``timeout`` seconds.
        """
        end = monotonic() + (inf if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    async def _answers(self) -> bool:
        """Ask, and return whether the answer came by the channel that it was not asked for too.

        What is published before that channel is connected is lost: then ask again.
        """
        asked = self.kernel_info()
        try:
            reply = await self.get_shell_msg(timeout=1)
            while True:
                told = await self.get_iopub_msg(timeout=0.2)
                last = told["content"].get("execution_state") == "idle"
                if last and told["parent_header"].get("msg_id") == asked:
                    break
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class SandboxKernelManager(AsyncKernelManager):
    """A manager of one sandboxed kernel, whatever kernel the notebook asks for.

    Parameters
    ----------
    sandbox : Sandbox
        The settings.
    assignment, lab : str
        The lab, which decides what of ``tinytorch`` is there.
    work : Path
        The folder whose copy is the kernel's working directory.
    template : Template, optional
        What submissions to the lab have in common; without it, the kernel is not warm.
    cells : sequence of str
        Sources of the code cells that the submission begins with.

    Attributes
    ----------
    shown : tuple of dict
        Of the submission's first code cells: those that the kernel has run when it starts, as
        :func:`.inside.recorder.run` returned them.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        assignment: str,
        lab: str,
        work: Path,
        template: warm.Template | None = None,
        cells: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(client_factory=SandboxKernelClient, **kwargs)
        # A Unix socket's path has at most 107 characters, so not in the course's folder.
        self.sockets = Path(tempfile.mkdtemp(prefix="nb"))
        self.connection_file = str(self.sockets / "kernel.json")
        self.context.setsockopt(zmq.MAXMSGSIZE, sandbox.message * MEGABYTE)
        self.kernel_id = str(uuid.uuid4())
        self.isolated = isolated = sandbox.isolation == "bubblewrap"
        self.limits = sandbox.together, sandbox.file_size
        walls = bubblewrap.check() if isolated else None
        born = None
        if walls and sandbox.warm and template is not None:
            born = self._born(walls, sandbox, (assignment, lab), template, cells)
        self.shown = born.zygote.shown if born else ()
        plan: dict[str, Any] = {
            "copy": ["/submission", f"{SCRATCH}/lab"],
            "limits": sandbox.limits(),
            "user": walls.user() if walls else None,
            "identity": [os.getuid(), os.getgid()],
        }
        command = []
        if walls:
            start = walls.of_kernel(bubblewrap.users()) if born else walls.command
            command = [
                *start,
                *_places(sandbox, assignment, lab),
                *("--ro-bind", str(work), "/submission"),
                *("--bind", str(self.sockets), str(self.sockets)),
                *("--remount-ro", "/"),
                *(() if born else ("--", sys.executable, "-I", "-S", f"{_PROGRAMS}/enter.py")),
            ]
        self._kernel_spec = KernelSpec(
            argv=[
                *(sys.executable, "-P", "-c", _KERNEL, "{connection_file}"),
                f"{SCRATCH}/lab" if isolated else "",
            ],
            name="python3",
            display_name="Python 3",
            language="python",
            interrupt_mode="message",  # a signal would stop at Bubblewrap, and end it
        )
        self.provisioner = SandboxProvisioner(
            command,
            self.connection_file,
            plan,
            born,
            kernel_id=self.kernel_id,
            kernel_spec=self._kernel_spec,
            parent=self,
        )
        if plan["user"] is not None:
            os.chown(self.sockets, plan["user"], plan["user"])

    def _born(
        self,
        walls: bubblewrap.Walls,
        sandbox: Sandbox,
        about: tuple[str, str],
        template: warm.Template,
        cells: Sequence[str],
    ) -> Birth | None:
        """Return where the kernel can be forked; say once why it has to be started instead."""

        def make() -> warm.WarmLab:
            command = [
                *walls.of_zygote(users),
                *_places(sandbox, *about, own_processes=False),
                *("--remount-ro", "/"),
                *("--", sys.executable, "-P", "-c", _program("zygote")),
            ]
            return warm.WarmLab(command, files, template, f"{SCRATCH}/lab")

        try:
            users = bubblewrap.users()
            files = () if users is None else (users,)
            key = (walls, about, template, view.stamp(), *sorted(_environment().items()))
            lab = warm.kept.get(key, make, sandbox.kept)
            return Birth(lab, lab.stage(cells), files)
        except (warm.WarmError, bubblewrap.SandboxError) as error:
            if str(error) not in _said:
                self.log.warning("Kernels for %s are started, not forked: %s", about[1], error)
                _said.add(str(error))
            return None

    @default("transport")
    def _transport_default(self) -> str:
        return "ipc"

    async def _async_post_start_kernel(self, **kwargs: Any) -> None:
        """Watch what no limit of a single process covers."""
        await super()._async_post_start_kernel(**kwargs)
        if self.isolated:
            process = getattr(self.provisioner, "process", None)
            watch(process, self.sockets, *self.limits)

    def cleanup_connection_file(self) -> None:
        """Remove the sockets too, and whatever else the kernel left beside them."""
        super().cleanup_connection_file()
        shutil.rmtree(self.sockets, ignore_errors=True)


_said: set[str] = set()  # why kernels are not warm


def _environment() -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "HOME": HOME,
        "USER": "student",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": view.COURSE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "IPYTHONDIR": f"{HOME}/ipython",
        "MPLCONFIGDIR": f"{SCRATCH}-matplotlib",
    }


def _places(sandbox: Sandbox, assignment: str, lab: str, own_processes: bool = True) -> list[str]:
    """Return Bubblewrap's options for all that a lab's kernels see alike."""
    size = ("--size", str(sandbox.disk * MEGABYTE))
    environment = _environment()
    return [
        *("--perms", "1777", *size, "--tmpfs", "/tmp"),  # first: the course may lie below it
        *view.mounts(assignment, lab, own_processes),
        *("--perms", "0777", "--dir", HOME),
        *("--perms", "0777", *size, "--tmpfs", SCRATCH),
        *_matplotlib(environment["MPLCONFIGDIR"]),
        *view.bind(_INSIDE, _PROGRAMS),
        *(part for item in environment.items() for part in ("--setenv", *item)),
    ]


@lru_cache
def _font_lists() -> list[Path]:
    """Return the lists of fonts that Matplotlib has made; in a new home that takes it seconds."""
    import matplotlib

    folder = Path(matplotlib.get_cachedir())
    if not any(folder.glob("fontlist-*.json")):
        importlib.import_module("matplotlib.font_manager")
    return sorted(folder.glob("fontlist-*.json"))


def _matplotlib(folder: str) -> list[str]:
    binds = [("--ro-bind", str(path), f"{folder}/{path.name}") for path in _font_lists()]
    return ["--perms", "0777", "--tmpfs", folder, *(part for bind in binds for part in bind)]
