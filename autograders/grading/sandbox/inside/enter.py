"""The first program inside the sandbox: give up rights, copy the submission, become the kernel.

It leans on :mod:`.border`; :mod:`autograders.grading.sandbox.room` starts it, with one argument:
JSON with ``copy`` (a folder and where to copy it), ``limits`` (by the name of a resource),
``denied`` (a filter of system calls), ``user``, ``identity``, ``environment`` (more variables, in
which ``${NAME}`` stands for one that is there) and ``command``.
"""

import base64
import json
import os
import resource
import select
import shutil
import stat
import sys
from string import Template
from typing import Any

from autograders.grading.sandbox.inside import border


def main(argument: str) -> None:
    """Do what the argument says; never return."""
    plan = json.loads(argument)
    if is_abandoned():
        sys.exit("whoever started this sandbox is gone")
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # who reads there would wait for ever
    if plan["user"] is not None:
        border.drop_rights(plan["user"], plan["identity"])
    settle(plan)
    more = {n: Template(t).safe_substitute(os.environ) for n, t in plan["environment"].items()}
    os.environ.update(more)
    os.execvp(plan["command"][0], plan["command"])  # other languages' kernels go by PATH


def is_abandoned() -> bool:
    """Return whether nobody holds the other end of the standard input any more.

    Bubblewrap ends with whoever started it, but for one that ends before Bubblewrap asks for that.
    """
    poll = select.poll()
    poll.register(0, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def settle(plan: dict[str, Any]) -> None:
    """Take a copy of the submission as the working directory, and accept the limits."""
    source, scratch = plan["copy"]
    shutil.copytree(source, scratch)
    os.chdir(scratch)
    with open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write("500")  # of 1000: where memory is short, this goes before the grader does
    for name, limit in plan["limits"].items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[
            1
        ]  # the grader's own may be less, and nobody can raise it
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(number, (limit, limit))
    border.deny(base64.b64decode(plan["denied"]))
