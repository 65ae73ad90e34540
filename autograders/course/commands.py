"""What ``python -m autograders`` does for this course alone.

Named in ``nbgrader_config.py``; :mod:`autograders.commands` asks it. Commands are imported when
they are run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from autograders.commands import ONLY, refuse_elsewhere
from tinytorch.console import disk_trouble

NEED_LINUX = ("course", "check", "apart", "mutants", "hub")


def add(commands: Any) -> None:
    """Add the commands to argparse's subparsers."""
    commands.add_parser("course", help="release the labs and grade a sample class")
    lint = commands.add_parser("lint", help="check the source notebooks")
    lint.add_argument("paths", nargs="*", type=Path, default=[Path("modules")])
    lint.add_argument("--fix", action="store_true", help="drop surplus metadata first")
    check = commands.add_parser("check", help="run known answers against the labs' tests")
    check.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    check.add_argument("--jobs", type=int, default=2, help="answers at a time (default: 2)")
    check.add_argument("--save", action="store_true", help="store the verdicts as they are now")
    apart = commands.add_parser("apart", help="judge known answers apart from the checks too")
    apart.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    slips = commands.add_parser("mutants", help="run small changes to the reference answers too")
    slips.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    slips.add_argument("--jobs", type=int, default=2, help="mutants at a time (default: 2)")
    packed = commands.add_parser("kit", help="write the student's kit to dist/")
    packed.add_argument("assignment", nargs="?", help=ONLY)
    commands.add_parser("site", help="write the course as web pages to build/site/")
    make = commands.add_parser("hub", help="prepare JupyterHub for a class; only for root")
    make.add_argument("--instructor", required=True, metavar="USER", help="who owns this folder")
    make.add_argument("--students", required=True, metavar="GROUP", help="who may log in beside")
    make.add_argument(
        "--assignment", action="append", default=[], help="what is taught (default: everything)"
    )
    make.add_argument("--place", type=Path, default=Path("/srv/tinytorch"), metavar="DIR")
    make.add_argument("--port", type=int, default=8000, help="it takes the next two as well")
    make.add_argument("--python", default="/usr/bin/python3", help="for everybody's environment")


def run(options: argparse.Namespace) -> int:
    """Run one of them; return its exit status."""
    refuse_elsewhere(options.command, NEED_LINUX)
    try:
        return _run(options)
    except OSError as error:
        trouble = disk_trouble(error)
        if trouble is None:
            raise
        print(f"error: {trouble}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "course":
        from autograders.course import loop

        return loop.main()
    if options.command == "lint":
        from autograders.course import notebook_lint

        return notebook_lint.main(options.paths, options.fix)
    if options.command == "kit":
        from autograders.course import kit

        return kit.main(options.assignment)
    if options.command == "site":
        from autograders.course import site

        return site.main()
    if options.command == "hub":
        from autograders.course import hub

        place = options.place.resolve()
        made = hub.Hub(
            options.instructor,
            options.students,
            place,
            assignments=tuple(options.assignment),
            port=options.port,
        )
        return hub.main(made, options.python)
    if options.command == "apart":
        from autograders.course.answers import apart

        return apart.main(options.labs)
    if options.command == "mutants":
        from autograders.course.answers import mutants

        return mutants.main(options.labs, options.jobs)
    from autograders.course.answers import runner

    return runner.main(options.labs, options.jobs, keep=options.save)
