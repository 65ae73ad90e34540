"""``python -m autograders COMMAND``: what an instructor runs beside nbgrader's own commands.

Commands are imported when they are run: each worker of ``grade`` imports this file too, and those
that need Linux must not keep the others from running elsewhere.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from autograders import ELSEWHERE
from tinytorch.console import disk_trouble, print_any_name

NEED_LINUX = ("course", "check", "apart", "mutants", "preflight", "grade", "feedback", "hub")
ONLY = "a folder of modules/; not needed where there is but one"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    print_any_name()
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        if argv[:1] == ["lint"]:  # it has arguments of its own
            from autograders import notebook_lint

            return notebook_lint.main(argv[1:])
        options = _parser().parse_args(argv)
        if options.command in NEED_LINUX and sys.platform != "linux":
            print(f"error: {options.command} cannot run here. {ELSEWHERE}", file=sys.stderr)
            return 1
        return _run(options)
    except OSError as error:
        trouble = disk_trouble(error)
        if trouble is None:
            raise
        print(f"error: {trouble}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("course", help="release the labs and grade a sample class")
    commands.add_parser("lint", help="check the source notebooks", add_help=False)
    check = commands.add_parser("check", help="run known answers against the labs' tests")
    check.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    check.add_argument("--jobs", type=int, default=2, help="answers at a time (default: 2)")
    check.add_argument("--save", action="store_true", help="store the verdicts as they are now")
    apart = commands.add_parser("apart", help="judge known answers apart from the checks too")
    apart.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    slips = commands.add_parser("mutants", help="run small changes to the reference answers too")
    slips.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    slips.add_argument("--jobs", type=int, default=2, help="mutants at a time (default: 2)")
    first = commands.add_parser("preflight", help="find checks that cannot be judged apart")
    first.add_argument("assignment", nargs="?", help="by default, one after the other")
    packed = commands.add_parser("kit", help="write the student's kit to dist/")
    packed.add_argument("assignment", nargs="?", help=ONLY)
    commands.add_parser("site", help="write the course as web pages to build/site/")
    listed = commands.add_parser("students", help="enter a class list, as spreadsheets write it")
    listed.add_argument("file", type=Path, help="a table with the columns id, first_name, ...")
    zips = commands.add_parser("collect", help="unpack a folder of students' zips into submitted/")
    zips.add_argument("folder", help="the zips, as downloaded from the learning platform")
    tell = commands.add_parser("report", help="write a page on how the class did")
    tell.add_argument("assignment", nargs="?", help=ONLY)
    tell.add_argument("--anonymous", action="store_true", help="under made-up names, no quotes")
    tell.add_argument("--output", type=Path, metavar="DIR", help="where to (default: report/)")
    make = commands.add_parser("hub", help="prepare JupyterHub for a class; only for root")
    make.add_argument("--instructor", required=True, metavar="USER", help="who owns this folder")
    make.add_argument("--students", required=True, metavar="GROUP", help="who may log in beside")
    make.add_argument(
        "--assignment", action="append", default=[], help="what is taught (default: everything)"
    )
    make.add_argument("--place", type=Path, default=Path("/srv/tinytorch"), metavar="DIR")
    make.add_argument("--port", type=int, default=8000, help="it takes the next two as well")
    make.add_argument("--python", default="/usr/bin/python3", help="for everybody's environment")
    for_a_class(commands.add_parser("grade", help="nbgrader autograde, for a large class"))
    for_a_class(commands.add_parser("feedback", help="nbgrader generate_feedback, likewise"))
    return parser


def for_a_class(parser: argparse.ArgumentParser) -> None:
    """Add what ``grade`` and ``feedback`` understand."""
    parser.add_argument("assignment", help="a folder of modules/")
    parser.add_argument("--student", metavar="ID", help="this student only, or those that match")
    parser.add_argument("--notebook", metavar="NAME", help="this lab only, or those that match")
    parser.add_argument("--force", action="store_true", help="also what was done before")
    parser.add_argument(
        "--workers", type=_positive, metavar="N", help="processes (default: one for each core)"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler, as in tcp://host:8786"
    )
    parser.add_argument("--json", action="store_true", help="print what came of it as JSON")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"should be at least 1, and is {value}")
    return value


def _run(options: argparse.Namespace) -> int:
    """Import what a command needs, and run it."""
    if options.command in ("grade", "feedback"):
        from autograders.batch import command

        return command.main(options.command, options)
    if options.command == "course":
        from autograders import course

        return course.main()
    if options.command == "preflight":
        from autograders import preflight

        return preflight.main(options.assignment)
    if options.command == "kit":
        from autograders import kit

        return kit.main(options.assignment)
    if options.command == "site":
        from autograders import site

        return site.main()
    if options.command == "students":
        from autograders import students

        return students.main(options.file)
    if options.command == "collect":
        from autograders import collect

        return collect.main(options.folder)
    if options.command == "report":
        from autograders.report import page

        return page.main(options.assignment, options.anonymous, options.output)
    if options.command == "hub":
        from autograders import hub

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
        from autograders.answers import apart

        return apart.main(options.labs)
    if options.command == "mutants":
        from autograders.answers import mutants

        return mutants.main(options.labs, options.jobs)
    from autograders.answers import runner

    return runner.main(options.labs, options.jobs, keep=options.save)


if __name__ == "__main__":
    sys.exit(main())
