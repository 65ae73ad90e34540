"""The first program inside the sandbox: give up rights, copy the submission, become the kernel.

It is bound into the sandbox alone and imports nothing of the course. Its one argument is JSON with
``copy`` (a folder and where to copy it), ``limits`` (by the name of a resource), ``user`` and
``command``.
"""

import json
import os
import resource
import shutil
import sys


def main() -> None:
    """Do what the argument says; never return."""
    plan = json.loads(sys.argv[1])
    if plan["user"] is not None:
        os.setgroups([])
        os.setresgid(plan["user"], plan["user"], plan["user"])
        os.setresuid(plan["user"], plan["user"], plan["user"])
    source, scratch = plan["copy"]
    shutil.copytree(source, scratch)
    os.chdir(scratch)
    for name, limit in plan["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    os.execv(plan["command"][0], plan["command"])


if __name__ == "__main__":
    main()
