"""Start a student's kernel in a room of its own, and talk to it over local sockets.

:class:`SandboxKernelManager` is what nbclient asks for a kernel; the room comes from :mod:`.room`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from math import inf
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import default

from autograders.grading.sandbox import sockets, watch
from autograders.grading.sandbox.inside import MESSAGE, SOCKET
from autograders.grading.sandbox.room import (
    CONNECTION,
    SCRATCH,
    SOCKETS,
    About,
    Room,
    Sandbox,
    pipe,
    program,
)
from autograders.grading.sandbox.warm import PATIENCE

_KERNEL = program("kernel")
_SEND = 5000  # milliseconds in which a kernel has to take a message
_ZMQ = "kernel"  # what the names of ZeroMQ's sockets begin with
_QUEUED = 2  # messages that wait here to be read; the others wait in the kernel, in its memory


class SandboxProvisioner(LocalProvisioner):
    """Puts Bubblewrap's command before the kernel's.

    Parameters
    ----------
    room : Room
        Where the kernel is started, or where it is forked to.
    connection_file : str
        Where the kernel reads the names of its sockets.
    """

    def __init__(self, room: Room, connection_file: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.process: Any = None
        self.room, self.connection_file = room, connection_file

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Return what to launch, and where its output goes: nowhere, for it could forge ours."""
        kwargs = await super().pre_launch(**kwargs)  # writes the file with the sockets' names
        user = self.room.plan["user"]
        if user is not None:
            os.chown(self.connection_file, user, user)
        kwargs["stdout"] = kwargs["stderr"] = subprocess.DEVNULL
        if self.room.command:
            kwargs.pop("cwd", None)
            if not self.room.born:
                kwargs["cmd"] = self.room.started(kwargs["cmd"], self.kernel_spec.env)
                kwargs["stdin"] = subprocess.PIPE  # as long as this is open, somebody waits
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel, or the sandbox that it is to move into, and have it forked."""
        if not self.room.born:
            return await super().launch_kernel(cmd, **kwargs)
        with ExitStack() as stack:
            life, lifeline = pipe(stack)
            read, told = os.pipe()
            kwargs |= {
                "stdin": life,
                "stdout": subprocess.PIPE,
                "pass_fds": [read, told, *self.room.born.files],
            }
            try:
                connection = await super().launch_kernel(self.room.walls_alone(told), **kwargs)
            finally:
                os.close(told)
            # Of the kernel's command, only what follows the program is of use.
            request = {"do": "kernel", "command": cmd[cmd.index(_KERNEL) + 1 :]}
            self.room.move_in(self.process, lifeline, read, request, ())
        return connection

    async def reach(self, names: Sequence[str]) -> dict[str, int]:
        """Open the kernel's sockets as soon as all are there, before it has run any code.

        They stand in the room, so that nothing of a kernel's lies outside; what it puts in their
        place later is not reached.

        Raises
        ------
        RuntimeError
            If it has none.
        """
        opened, end = {}, monotonic() + PATIENCE
        while self.process and self.process.poll() is None and monotonic() < end:
            with suppress(FileNotFoundError), watch.within(self.process.pid) as room:
                for name in names:
                    flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
                    opened[name] = os.open(f".{SOCKETS}/{name}", flags, dir_fd=room)
                return opened
            await asyncio.sleep(0.01)
        if self.process:
            watch.end(self.process)
        raise RuntimeError("Kernel died, or took too long, before it had its sockets")

    async def wait(self) -> int | None:
        """Wait for the end, and look for it more often than the base class does."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(0.005)
        return await super().wait()


class SandboxKernelClient(AsyncKernelClient):
    """A client that knows when a kernel is ready, and need not wait until it has been silent."""

    @default("context")
    def _context_default(self) -> zmq.asyncio.Context:
        """Return what makes sockets with the manager's limits.

        They connect again, unlike the manager's: to end a connection while a message of many parts
        is read makes ZeroMQ abort the process.
        """
        assert isinstance(self.parent, SandboxKernelManager)
        self._created_context = True
        return limit(zmq.asyncio.Context(), self.parent.limits)

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Do without a heartbeat: the manager sees the process, and its thread may never end."""
        super().start_channels(*args, **kwargs | {"hb": False})

    def stop_channels(self) -> None:
        """Stop those that there are."""
        for channel in (self._shell_channel, self._iopub_channel, self._stdin_channel,
                        self._control_channel):  # fmt: skip
            if channel is not None and channel.is_alive():
                channel.stop()

    def _make_url(self, channel: str) -> str:
        """Return where a channel's socket is reached: the manager knows."""
        assert isinstance(self.parent, SandboxKernelManager)
        return self.parent._make_url(channel)

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
        try:
            asked = self.kernel_info()
            reply = await self.get_shell_msg(timeout=1)
            while True:
                told = await self.get_iopub_msg(timeout=0.2)
                last = told["content"].get("execution_state") == "idle"
                if last and told["parent_header"].get("msg_id") == asked:
                    break
        except (Empty, zmq.Again):
            return False
        self._handle_kernel_info_reply(reply)
        return True


def limit(context: zmq.asyncio.Context, limits: dict[int, int]) -> zmq.asyncio.Context:
    """Have all sockets that a context makes from now on keep some limits; return it."""
    for option, value in limits.items():
        context.setsockopt(option, value)
    return context


class SandboxKernelManager(AsyncKernelManager):
    """A manager of one sandboxed kernel, whatever kernel the notebook asks for.

    Parameters
    ----------
    sandbox : Sandbox
        The settings.
    about : About
        The lab.
    work : Path
        The folder whose copy is the kernel's working directory.
    cells : sequence of str, optional
        Sources of the code cells that the submission begins with, if the kernel may be forked.
    spec : KernelSpec, optional
        The kernel of a lab in another language than Python; nobody can ask it for answers.

    Attributes
    ----------
    shown : tuple of dict
        Of the submission's first code cells: those that the kernel has run when it starts, as
        :func:`.inside.recorder.run` returned them.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        about: About,
        work: Path,
        cells: Sequence[str] | None = None,
        spec: KernelSpec | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(client_factory=SandboxKernelClient, **kwargs)
        alone = sandbox.isolation != "bubblewrap"  # then the sockets lie in this folder
        self.folder = sockets.folder() if alone else Path(tempfile.mkdtemp(prefix="nb"))
        self.connection_file = str(self.folder / "kernel.json")
        self.limits: dict[int, int] = {
            zmq.MAXMSGSIZE: MESSAGE,
            zmq.RCVHWM: _QUEUED,
            zmq.SNDTIMEO: _SEND,
        }
        limit(self.context, self.limits)
        self.kernel_id = str(uuid.uuid4())
        self.together, self.cpu = sandbox.together, sandbox.cpu
        self.room = room = Room(sandbox, about, work, cells, Path(self.connection_file), self.log)
        self.sockets: dict[str, int] = {}
        if room.command:
            self.ip = f"{SOCKETS}/{_ZMQ}"
            # What takes the place of a kernel that has ended is no kernel.
            self.context.setsockopt(zmq.RECONNECT_IVL, -1)
        self.shown = room.born.zygote.shown if room.born else ()
        self.answers = spec is None
        file = CONNECTION if room.command else "{connection_file}"
        work_folder = f"{SCRATCH}/lab" if room.command else ""
        argv = [sys.executable, "-P", "-c", _KERNEL, file, work_folder, json.dumps(about.agreed())]
        if spec is not None:
            argv = [part.replace("{connection_file}", file) for part in spec.argv]
        self._kernel_spec = KernelSpec(
            argv=argv,
            name="python3" if spec is None else spec.name,
            display_name="Python 3" if spec is None else spec.display_name,
            language="python" if spec is None else spec.language,
            env={} if spec is None else spec.env,
            resource_dir="" if spec is None else spec.resource_dir,
            interrupt_mode="message" if spec is None else spec.interrupt_mode,
        )
        self.by_signal = spec is not None and spec.interrupt_mode == "signal"
        self.provisioner = SandboxProvisioner(
            room,
            self.connection_file,
            kernel_id=self.kernel_id,
            kernel_spec=self._kernel_spec,
            parent=self,
        )

    def lines(self, number: int) -> list[socket.socket]:
        """Return connections for the judge; made before any of the student's code is run."""
        made = []
        for _ in range(number):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(self.path_of(SOCKET))
            made.append(connection)
        return made

    @default("transport")
    def _transport_default(self) -> str:
        return "ipc"

    def path_of(self, socket: str) -> str:
        """Return where one of the kernel's sockets is reached from outside."""
        if not self.room.command:
            return str(self.folder / socket)
        return f"/proc/self/fd/{self.sockets[socket]}"

    def _make_url(self, channel: str) -> str:
        """Return where a channel's socket is reached from outside."""
        name = f"{Path(self.ip).name}-{getattr(self, f'{channel}_port')}"
        return f"ipc://{self.path_of(name)}"

    async def _async_post_start_kernel(self, **kwargs: Any) -> None:
        """Reach into the room for the sockets; watch what no limit of a single process covers."""
        if self.room.command:
            assert isinstance(self.provisioner, SandboxProvisioner)
            names = [f"{_ZMQ}-{port}" for port in self.ports]
            if self.answers:
                names.insert(0, SOCKET)  # which the kernel makes last
            self.sockets = await self.provisioner.reach(names)
            watch.watch(self.provisioner.process, self.together, self.cpu)
        await super()._async_post_start_kernel(**kwargs)  # the way to interrupt it

    async def _async_interrupt_kernel(self) -> None:
        """Interrupt the kernel, if it is there: shutting down begins with this, too."""
        if not await self.is_alive() or (self.room.command and not self.sockets):
            return  # it has ended, or never came so far
        try:
            if self.room.command and self.by_signal:
                self._signal_within(signal.SIGINT)
            else:
                await super()._async_interrupt_kernel()
        except zmq.Again:
            self.log.debug("The kernel has ended, or takes nothing")

    interrupt_kernel = _async_interrupt_kernel

    def _signal_within(self, number: int) -> None:
        """Send a signal to the kernel's group of processes, as jupyter_client does.

        Bubblewrap is of that group, too, and would end by it: so to those in the room alone.
        """
        assert isinstance(self.provisioner, SandboxProvisioner)
        bubblewrap = self.provisioner.process.pid
        for process in watch.inside(bubblewrap):
            with suppress(ProcessLookupError):
                if os.getpgid(process) == os.getpgid(bubblewrap):
                    os.kill(process, number)

    def cleanup_ipc_files(self) -> None:
        """Remove nothing by the sockets' names, which are those that they have in the room."""

    def cleanup_connection_file(self) -> None:
        """Let the sockets go, too."""
        super().cleanup_connection_file()
        shutil.rmtree(self.folder, ignore_errors=True)
        while self.sockets:
            os.close(self.sockets.popitem()[1])
