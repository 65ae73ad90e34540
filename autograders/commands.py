"""What ``python -m autograders`` can do in any nbgrader course, and in one that adds more to it.

The course is that of the current folder, as for nbgrader's commands. Commands are imported when
they are run: each worker of ``grade`` imports this file too, and those that need Linux must not
keep the others from running elsewhere.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traitlets import Unicode
from traitlets.config import Configurable
from traitlets.utils.importstring import import_item

from autograders import ELSEWHERE
from autograders.console import print_any_name

OWN = ("grade", "feedback", "preflight", "report", "students", "collect", "return")
PLATFORMS = ("canvas", "moodle", "blackboard", "ilias")
NEED_LINUX = ("preflight", "grade", "feedback")
ONLY = "by default, the only one"
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


class Commands(Configurable):
    """More commands, of a course's own."""

    more = Unicode(
        help="A module with `add(commands)`, which adds parsers to argparse's subparsers, and "
        "`run(options)`, which returns an exit status."
    ).tag(config=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    print_any_name()
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        more: Any = _more() if argv[:1] and argv[0] not in OWN else None
        options = _parser(more).parse_args(argv)
        if options.command not in OWN:
            status: int = more.run(options)  # it has added them
            return status
        refuse_elsewhere(options.command, NEED_LINUX)
        return _run(options)
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in _DISK:
            raise
        print(f"error: {error.filename or 'a folder'}: {error.strerror}", file=sys.stderr)
        return 1


class Refused(RuntimeError):
    """A command that cannot be run here; the message says why."""


def refuse_elsewhere(command: str, need_linux: Sequence[str]) -> None:
    """Raise `Refused` if a command needs Linux, and this is another system."""
    if command in need_linux and sys.platform != "linux":
        raise Refused(f"{command} cannot run here. {ELSEWHERE}")


def _more() -> Any:
    """Return the module with the commands of the course in the current folder, if it has any."""
    from autograders.grading import settings

    try:
        name = Commands(config=settings.load(Path.cwd())).more
    except settings.SettingsError as error:
        raise Refused(str(error)) from error
    return import_item(name) if name else None


def _parser(more: Any) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for_a_class(commands.add_parser("grade", help="nbgrader autograde, for a large class"))
    for_a_class(commands.add_parser("feedback", help="nbgrader generate_feedback, likewise"))
    first = commands.add_parser("preflight", help="find checks that cannot be judged apart")
    first.add_argument("assignment", nargs="?", help="by default, one after the other")
    tell = commands.add_parser("report", help="write a page on how the class did")
    tell.add_argument("assignment", nargs="?", help=ONLY)
    tell.add_argument("--anonymous", action="store_true", help="under made-up names, no quotes")
    tell.add_argument("--output", type=Path, metavar="DIR", help="where to (default: report/)")
    listed = commands.add_parser("students", help="enter a class list, as spreadsheets write it")
    listed.add_argument("file", type=Path, help="a table with the columns id, first_name, ...")
    zips = commands.add_parser("collect", help="put what was handed in into submitted/")
    zips.add_argument("download", help="the platform's zip of all submissions, or a folder of such")
    zips.add_argument("--assignment", help="of which one they are, where names do not say it")
    zips.add_argument("--table", type=Path, metavar="FILE", help="the platform's table of grades")
    zips.add_argument("--groups", type=Path, metavar="FILE", help="who hands in together")
    zips.add_argument(
        "--timezone", default="", metavar="NAME", help="of the platform (default: this machine's)"
    )
    back = commands.add_parser("return", help="write grades and feedback for a learning platform")
    back.add_argument("assignment", help="as nbgrader knows it")
    back.add_argument("file", type=Path, help="its table of grades, or ILIAS' zip for feedback")
    back.add_argument("--platform", required=True, choices=PLATFORMS)
    back.add_argument("--output", required=True, type=Path, metavar="DIR", help="where to")
    back.add_argument("--column", metavar="HEADING", help="of scores (default: as the assignment)")
    back.add_argument(
        "--scale", action="store_true", help="stretch scores to the platform's points"
    )
    if more is not None:
        more.add(commands)
    return parser


def for_a_class(parser: argparse.ArgumentParser) -> None:
    """Add what ``grade`` and ``feedback`` understand."""
    parser.add_argument("assignment", help="as nbgrader knows it")
    parser.add_argument("--student", metavar="ID", help="this student only, or those that match")
    parser.add_argument("--notebook", metavar="NAME", help="this one only, or those that match")
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
    if options.command == "preflight":
        from autograders import preflight

        return preflight.main(options.assignment)
    if options.command == "students":
        from autograders import students

        return students.main(options.file)
    if options.command == "collect":
        from autograders.platforms import collect

        return collect.main(
            options.download,
            assignment=options.assignment,
            table=options.table,
            zone=options.timezone,
            groups=options.groups,
        )
    if options.command == "return":
        from autograders.platforms import give_back

        return give_back.main(
            options.assignment,
            options.platform,
            options.file,
            options.output,
            column=options.column,
            scale=options.scale,
        )
    if options.command == "report":
        from autograders.report import page

        return page.main(options.assignment, options.anonymous, options.output)
    from autograders.batch import command

    return command.main(options.command, options)
