"""``python -m autograders COMMAND``: what an instructor runs beside nbgrader's own commands.

Commands are imported when they are run: each worker of ``grade`` imports this file too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    from autograders import collect, course, hub, kit, notebook_lint, preflight, students
    from autograders.answers import runner
    from autograders.batch import command as batch
    from autograders.report import page

    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["lint"]:  # it has arguments of its own
        return notebook_lint.main(argv[1:])
    parser = argparse.ArgumentParser(prog="python -m autograders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("course", help="release the labs and grade a sample class")
    commands.add_parser("lint", help="check the source notebooks", add_help=False)
    check = commands.add_parser("check", help="run known answers against the labs' tests")
    check.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    check.add_argument("--jobs", type=int, default=2, help="answers at a time (default: 2)")
    check.add_argument("--save", action="store_true", help="store the verdicts as they are now")
    first = commands.add_parser("preflight", help="find checks that cannot be judged apart")
    first.add_argument("assignment", nargs="?", default=course.ASSIGNMENT)
    commands.add_parser("kit", help="write the student's kit to dist/")
    listed = commands.add_parser("students", help="enter a class list, as spreadsheets write it")
    listed.add_argument("file", type=Path, help="a table with the columns id, first_name, ...")
    zips = commands.add_parser("collect", help="unpack a folder of students' zips into submitted/")
    zips.add_argument("folder", help="the zips, as downloaded from the learning platform")
    tell = commands.add_parser("report", help="write a page on how the class did")
    tell.add_argument("assignment", nargs="?", default=course.ASSIGNMENT)
    tell.add_argument("--anonymous", action="store_true", help="under made-up names, no quotes")
    tell.add_argument("--output", type=Path, metavar="DIR", help="where to (default: report/)")
    make = commands.add_parser("hub", help="prepare JupyterHub for a class; only for root")
    make.add_argument("--instructor", required=True, metavar="USER", help="who owns this folder")
    make.add_argument("--students", required=True, metavar="GROUP", help="who may log in beside")
    make.add_argument("--place", type=Path, default=Path("/srv/tinytorch"), metavar="DIR")
    make.add_argument("--port", type=int, default=8000, help="it takes the next two as well")
    make.add_argument("--python", default="/usr/bin/python3", help="for everybody's environment")
    grade = commands.add_parser("grade", help="nbgrader autograde, for a large class")
    batch.add_arguments(grade)
    feedback = commands.add_parser("feedback", help="nbgrader generate_feedback, likewise")
    batch.add_arguments(feedback)
    options = parser.parse_args(argv)
    if options.command in batch.STEPS:
        return batch.main(options.command, options)
    if options.command == "course":
        return course.main()
    if options.command == "preflight":
        return preflight.main(options.assignment)
    if options.command == "kit":
        return kit.main()
    if options.command == "students":
        return students.main(options.file)
    if options.command == "collect":
        return collect.main(options.folder)
    if options.command == "report":
        return page.main(options.assignment, options.anonymous, options.output)
    if options.command == "hub":
        made = hub.Hub(
            options.instructor, options.students, options.place.resolve(), port=options.port
        )
        return hub.main(made, options.python)
    return runner.main(options.labs, options.jobs, keep=options.save)


if __name__ == "__main__":
    sys.exit(main())
