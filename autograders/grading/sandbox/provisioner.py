"""Start a kernel behind Bubblewrap's walls, with limits, and talk to it over local sockets.

:class:`Sandbox` holds the settings; :class:`SandboxKernelManager` is what nbclient asks for a
kernel. The walls come from :mod:`.bubblewrap`, what stands inside them from :mod:`.view`.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import CaselessStrEnum, Integer, default
from traitlets.config import Configurable

from autograders.grading.sandbox import bubblewrap, view
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
_KERNEL = f"""
import sys
sys.path.insert(0, "/inside")
from {__package__}.inside.kernel import main
main(*sys.argv[1:])
"""


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
    """

    def __init__(
        self, command: list[str], connection_file: str, plan: dict[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.command, self.connection_file, self.plan = command, connection_file, plan

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Return what to launch, and where its output goes: nowhere, for it could forge ours."""
        kwargs = await super().pre_launch(**kwargs)  # writes the file with the sockets' names
        if self.plan["user"] is not None:
            os.chown(self.connection_file, self.plan["user"], self.plan["user"])
        kwargs["stdout"] = kwargs["stderr"] = subprocess.DEVNULL
        if self.command:
            kwargs["cmd"] = [*self.command, json.dumps({**self.plan, "command": kwargs["cmd"]})]
            kwargs.pop("cwd", None)
        return kwargs


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
    """

    def __init__(
        self, sandbox: Sandbox, assignment: str, lab: str, work: Path, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        # A Unix socket's path has at most 107 characters, so not in the course's folder.
        self.sockets = Path(tempfile.mkdtemp(prefix="nb"))
        self.connection_file = str(self.sockets / "kernel.json")
        self.context.setsockopt(zmq.MAXMSGSIZE, sandbox.message * MEGABYTE)
        self.kernel_id = str(uuid.uuid4())
        self.isolated = isolated = sandbox.isolation == "bubblewrap"
        self.limits = sandbox.together, sandbox.file_size
        walls = bubblewrap.check() if isolated else None
        command = [*self._command(walls, sandbox, assignment, lab, work)] if walls else []
        plan: dict[str, Any] = {
            "copy": ["/submission", f"{SCRATCH}/lab"],
            "limits": sandbox.limits(),
            "user": walls.user() if walls else None,
        }
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
            kernel_id=self.kernel_id,
            kernel_spec=self._kernel_spec,
            parent=self,
        )
        if plan["user"] is not None:
            os.chown(self.sockets, plan["user"], plan["user"])

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

    def _command(
        self, walls: bubblewrap.Walls, sandbox: Sandbox, assignment: str, lab: str, work: Path
    ) -> list[str]:
        size = ("--size", str(sandbox.disk * MEGABYTE))
        environment = {
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
        return [
            *walls.command,
            *("--perms", "1777", *size, "--tmpfs", "/tmp"),  # first: the course may lie below it
            *view.mounts(assignment, lab),
            *("--perms", "0777", "--dir", HOME),
            *("--perms", "0777", *size, "--tmpfs", SCRATCH),
            *_matplotlib(environment["MPLCONFIGDIR"]),
            *("--ro-bind", str(work), "/submission"),
            *("--bind", str(self.sockets), str(self.sockets)),
            *view.bind(_INSIDE, _PROGRAMS),
            *(part for item in environment.items() for part in ("--setenv", *item)),
            *("--remount-ro", "/"),
            *("--", sys.executable, "-I", "-S", f"{_PROGRAMS}/enter.py"),
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
