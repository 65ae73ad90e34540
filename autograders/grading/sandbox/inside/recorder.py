"""A shell without a kernel: it runs a lab's own cells, and what they show is written down.

The shell is the one that a kernel makes, so that a kernel can take it over later, after a fork; it
leans on ipykernel. :mod:`.zygote` leans on it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.profiledir import ProfileDir
from IPython.paths import get_ipython_dir
from jupyter_client.session import Session
from traitlets import List
from traitlets.config import Config

INLINE = "module://matplotlib_inline.backend_inline"
SHOWN = {"stream", "display_data", "execute_result"}


class Recorder(Session):
    """Keeps the messages that a kernel would send."""

    messages: List = List()

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Write a message down."""
        message = msg_or_type if isinstance(msg_or_type, dict) else {"msg_type": msg_or_type}
        self.messages.append((message["msg_type"], message.get("content", content)))
        return message


class _Stream(io.TextIOBase):
    """Standard output or error, as one more kind of message."""

    encoding = "UTF-8"

    def __init__(self, recorder: Recorder, name: str) -> None:
        super().__init__()
        self.recorder, self.name = recorder, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        messages = self.recorder.messages
        if messages and messages[-1][0] == "stream" and messages[-1][1]["name"] == self.name:
            messages[-1][1]["text"] += text
        elif text:
            messages.append(("stream", {"name": self.name, "text": text}))
        return len(text)


def shell() -> tuple[ZMQInteractiveShell, Recorder]:
    """Return the process's shell, and what keeps its messages."""
    os.environ.setdefault("MPLBACKEND", INLINE)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"  # no thread that saves it
    made = ZMQInteractiveShell.instance(
        config=config,
        profile_dir=ProfileDir.create_profile_dir_by_name(get_ipython_dir()),
        user_ns={},
        compiler_class=XCachingCompiler,
    )
    vars(made)["enable_gui"] = _no_gui  # else `%matplotlib inline` fails for want of a kernel
    recorder = Recorder()
    assert isinstance(made.displayhook, ZMQShellDisplayHook)
    assert isinstance(made.display_pub, ZMQDisplayPublisher)
    made.displayhook.session = made.display_pub.session = recorder
    sys.displayhook = made.displayhook
    return made, recorder


def _no_gui(gui: str | None = None) -> None:
    """Start no loop of a window system: there is none."""


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Have standard output and error written down too."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Stream(recorder, name) for name in ("stdout", "stderr"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def run(made: ZMQInteractiveShell, recorder: Recorder, source: str) -> dict[str, Any]:
    """Run a cell and return what it showed.

    Returns
    -------
    dict
        ``outputs``: pairs of a message's type and content; ``count``: the cell's number;
        ``trouble``: None, or why nobody else can be spared running this cell.
    """
    recorder.messages = []
    count = made.execution_count
    with recording(recorder):
        result = made.run_cell(source, store_history=True)
        assert made.payload_manager is not None
        made.payload_manager.clear_payload()
    kinds = {kind for kind, _ in recorder.messages}
    trouble = None
    if not result.success:
        trouble = f"it failed: {result.error_before_exec or result.error_in_exec}"
    elif kinds - SHOWN:
        trouble = f"it sends {', '.join(sorted(kinds - SHOWN))}"
    elif any(content.get("transient") for _, content in recorder.messages):
        trouble = "it shows what later cells can change"
    return {"outputs": recorder.messages, "count": count, "trouble": trouble}
