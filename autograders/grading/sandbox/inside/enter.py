"""The first program inside the sandbox: give up rights, copy the submission, become the kernel.

It leans on the standard library alone; :mod:`autograders.grading.sandbox.provisioner` starts it by
its path, with one argument: JSON with ``copy`` (a folder and where to copy it), ``limits`` (by the
name of a resource), ``user`` and ``command``.
"""

import json
import os
import resource
import shutil
import sys
from typing import Any


def main() -> None:
    """Do what the argument says; never return."""
    plan = json.loads(sys.argv[1])
    if plan["user"] is not None:
        become(plan["user"])
    settle(plan)
    os.execv(plan["command"][0], plan["command"])


def become(user: int) -> None:
    """Become a user, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def settle(plan: dict[str, Any]) -> None:
    """Take a copy of the submission as the working directory, and accept the limits."""
    source, scratch = plan["copy"]
    shutil.copytree(source, scratch)
    os.chdir(scratch)
    for name, limit in plan["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))


if __name__ == "__main__":
    main()
