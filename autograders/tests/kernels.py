"""Kernels to ask questions of, started or forked, for the tests of the sandbox."""

import asyncio
import json
import shutil
from contextlib import contextmanager

from autograders.grading.sandbox import (
    About,
    Sandbox,
    SandboxKernelManager,
    Template,
    bubblewrap,
)

TAUGHT = {"tinytorch": "autograders.course.taught.covered"}  # as in nbgrader_config.py
TEMPLATE = Template(
    ("numpy", "matplotlib", "matplotlib.pyplot"), ("import numpy as np", "seen = 1")
)


@contextmanager
def kernel(
    work, warm, lab="02_magnitude_pruning", template=TEMPLATE, cells=None, forked=None, **limits
):
    """Start a kernel or fork one; give a function that runs code there and returns its JSON."""
    loop = asyncio.new_event_loop()
    manager = SandboxKernelManager(
        sandbox=Sandbox(warm=warm, packages=TAUGHT, **limits),
        about=About("17_compression", lab, template),
        work=work,
        cells=template.cells if cells is None else cells,
    )
    assert bool(manager.room.born) is (warm if forked is None else forked)
    try:
        loop.run_until_complete(manager.start_kernel())
        client = manager.client()
        client.start_channels()
        loop.run_until_complete(client.wait_for_ready(300))

        def run(code, heard=lambda text: None):
            shown = []

            def hear(message):
                shown.append(message["content"].get("text", ""))
                heard(shown[-1])

            reply = loop.run_until_complete(
                client.execute_interactive(
                    code,
                    output_hook=hear,
                    allow_stdin=False,
                    timeout=300,
                )
            )
            assert reply["content"]["status"] == "ok", reply["content"]
            return "".join(shown)

        def ask(code):
            return json.loads(run(f"import glob, json, os\nprint(json.dumps({code}))"))

        ask.run = run
        ask.manager, ask.client, ask.loop = manager, client, loop
        yield ask
        client.stop_channels()
    finally:
        loop.run_until_complete(manager.shutdown_kernel(now=True))
        loop.close()


def in_user_namespace(monkeypatch):
    """Make rooms as for an ordinary user, whoever this is."""
    walls = bubblewrap.Walls(bubblewrap.as_user(shutil.which("bwrap")), as_root=False)
    monkeypatch.setattr(bubblewrap, "check", lambda: walls)
