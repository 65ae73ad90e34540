"""``python -m autograders report``: one page that says how a class did, and tables beside it.

:mod:`autograders.report.class_results` reads and counts; here its numbers become what the template
``report.html`` shows, and CSV files. The page loads nothing from anywhere. Everything that came
from a student is escaped by Jinja, and left out where names are asked not to be told.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import nbformat
import numpy as np
from rich.console import Console

from autograders import layout
from autograders.console import one_line
from autograders.grading.failures import section
from autograders.grading.settings import SettingsError
from autograders.report.class_results import (
    FEW,
    WEAK,
    Choices,
    Graded,
    Mistake,
    ReportError,
    Results,
    concerns,
    item_statistics,
    percent,
    read,
)

MOST_ROWS = 60  # students who get a row of their own in the heat map
GROUPS = 20  # rows of a larger class
MOST_LISTED = 100  # rows of a table of students; the CSV files hold them all
MOST_NAMED = 6  # students named in a cell
PSEUDONYMS = "pseudonyms.csv"
BINS = 10


def main(
    assignment: str | None = None,
    anonymous: bool = False,
    output: Path | None = None,
    root: Path | None = None,
    console: Console | None = None,
) -> int:
    """Write the report; return the exit status.

    Parameters
    ----------
    assignment : str
        As nbgrader knows it; not needed where there is but one.
    anonymous : bool
        Name nobody, and leave out text that students wrote.
    output : Path, optional
        The folder to write to (by default ``report/`` in the course).
    root : Path, optional
        The course's folder (by default, the current one).
    console : Console, optional
        Where to say what was written, or what is missing.
    """
    console = console or Console()
    try:
        course = layout.course(root)
        graded = Graded.of(course, layout.choose(course, assignment))
        with console.status("reading grades and notebooks"):
            results = read(graded)
    except (layout.LayoutError, ReportError, SettingsError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    if anonymous:
        results = rename(results, pseudonyms(Path(course.root, PSEUDONYMS), results.students))
    folder = output or Path(course.root, "report")
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{graded.assignment}.html"
    page.write_text(render(graded, results, anonymous), encoding="utf-8")
    write_csv(folder / f"{graded.assignment}_students.csv", student_rows(results))
    write_csv(folder / f"{graded.assignment}_checks.csv", check_rows(results))
    for path in (page, *sorted(folder.glob(f"{graded.assignment}_*.csv"))):
        console.print(
            f"{path}  {path.stat().st_size / 1000:.0f} kB", highlight=False, soft_wrap=True
        )
    return 0


# Names


def pseudonyms(path: Path, students: Sequence[str]) -> dict[str, str]:
    """Return a made-up name for each student, the same in every report.

    The names are drawn at random and kept in a file that only its owner can read: without it,
    nothing leads from a pseudonym to a student.
    """
    names = {}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            names = {row["student"]: row["pseudonym"] for row in csv.DictReader(file)}
    new = [student for student in students if student not in names]
    digits = max(4, len(str(10 * len(students))))
    for student in new:
        while (name := f"S{secrets.randbelow(10**digits):0{digits}}") in names.values():
            pass
        names[student] = name
    if new:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([("student", "pseudonym"), *names.items()])
    return {student: names[student] for student in students}


def rename(results: Results, names: dict[str, str]) -> Results:
    """Return the results under other names, in an order that tells nothing, and without quotes."""
    order = sorted(range(len(results.students)), key=lambda i: names[results.students[i]])
    return dataclasses.replace(
        results,
        students=[names[results.students[i]] for i in order],
        shares=results.shares[order],
        waiting=results.waiting[order],
        empty=results.empty[order],
        flags=[dataclasses.replace(f, student=names[f.student], reason="") for f in results.flags],
        mistakes={
            key: Mistake(mistake.answer, sorted(names[s] for s in mistake.students))
            for key, mistake in results.mistakes.items()
        },
        choices=[
            dataclasses.replace(
                c,
                reached={
                    names[s]: at for s, at in sorted(c.reached.items(), key=lambda r: names[r[0]])
                },
            )
            for c in results.choices
        ],
    )


# The page


def render(graded: Graded, results: Results, anonymous: bool = False) -> str:
    """Return the page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["percent"] = percent
    environment.filters["number"] = lambda x: "–" if np.isnan(x) else f"{x:.2f}".replace("-", "−")
    statistics = item_statistics(results)
    worried = concerns(results)
    totals = dict(zip(results.students, results.totals, strict=True))
    return environment.get_template("report.html").render(
        title=graded.assignment,
        today=date.today(),
        anonymous=anonymous,
        results=results,
        totals=totals,
        median=float(np.median(results.totals)),
        histogram=_histogram(results.totals),
        by_lab=list(_by_lab(results)),
        statistics=statistics,
        hardest=sorted((s for s in statistics if s.failed), key=lambda s: s.difficulty)[:10],
        concerns=worried,
        mistakes=_mistakes(graded, results),
        choices=[_drawn(choices) for choices in results.choices if choices.reached],
        heat=_heat(results),
        groups=[(lab, len(results.columns(lab))) for lab in results.labs],
        few=FEW,
        weak=WEAK,
        most_listed=MOST_LISTED,
        most_named=MOST_NAMED,
    )


def _histogram(totals: np.ndarray) -> list[dict[str, Any]]:
    """Return the bars of the distribution: lower edge in per cent, count, height in [0, 1]."""
    counts, edges = np.histogram(totals, bins=BINS, range=(0, 1))
    return [
        {"low": round(100 * low), "count": int(count), "height": count / counts.max()}
        for low, count in zip(edges[:-1], counts, strict=True)
    ]


def _by_lab(results: Results) -> Iterator[dict[str, Any]]:
    for lab, shares in zip(results.labs, results.by_lab.T, strict=True):
        there = shares[~np.isnan(shares)]
        quartiles = np.quantile(there, [0, 0.25, 0.5, 0.75, 1]) if len(there) else [np.nan] * 5
        yield {"lab": lab, "n": len(there), "quartiles": quartiles}


def _drawn(choices: Choices) -> dict[str, Any]:
    """Return a class's choices as points in a picture of 480 by 220, and the front through them."""
    everything = np.array([choices.own, *choices.reached.values()])
    (least, low), (most, high) = everything.min(axis=0), everything.max(axis=0)

    def at(n_bytes: float, right: float) -> tuple[float, float]:
        x = 20 + 440 * (n_bytes - least) / max(most - least, 1)
        return round(x, 1), round(170 - 150 * (right - low) / max(high - low, 1), 1)

    same: dict[tuple[float, float], list[str]] = {}
    for student, reached in choices.reached.items():
        same.setdefault(reached, []).append(student)
    front, best = [], -np.inf
    for n_bytes, right in sorted(same, key=lambda r: (r[0], -r[1])):
        if right > best:
            front.append(at(n_bytes, right))
            best = right
    return {
        "check": choices.check,
        "points": [(*at(*reached), *reached, who) for reached, who in same.items()],
        "own": (*at(*choices.own), *choices.own),
        "front": " ".join(f"{x},{y}" for x, y in front),
        "bytes": (least, most),
        "right": (low, high),
        "best": best,
    }


def _mistakes(graded: Graded, results: Results) -> list[dict[str, Any]]:
    """Return recognised mistakes, the most frequent first, with the section that is about them."""
    found = []
    for mistake in results.mistakes.values():
        answer = mistake.answer
        path = graded.source / f"{answer.lab}.ipynb"
        about = section(nbformat.read(path, as_version=4), next(iter(answer.cells)))
        found.append({"answer": answer, "section": about.replace("`", ""), "who": mistake.students})
    return sorted(found, key=lambda m: (-len(m["who"]), m["answer"].lab, m["answer"].name))


def _heat(results: Results) -> list[dict[str, Any]]:
    """Return the rows of the heat map: a student each, or equal parts of a large class.

    A row has a name, its mean total, and for each check the share of points lost (NaN if nobody
    handed the lab in) with a mark that says the same without colour.
    """
    order = np.argsort(-results.totals, kind="stable")
    flagged = {(flag.student, flag.lab, flag.place) for flag in results.flags}
    large = len(order) > MOST_ROWS
    rows: list[dict[str, Any]] = []
    for part in np.array_split(order, GROUPS if large else len(order)):
        lost = 1 - _mean(results.shares[part])
        name = f"{len(rows) and rows[-1]['last'] + 1 or 1}–" if large else results.students[part[0]]
        last = (rows[-1]["last"] if rows else 0) + len(part)
        marks = [
            "!" if not large and (name, check.lab, check.name) in flagged else _mark(share, large)
            for share, check in zip(lost, results.checks, strict=True)
        ]
        rows.append(
            {
                "name": f"{name}{last}" if large else name,
                "last": last,
                "total": results.totals[part].mean(),
                "cells": list(zip(marks, np.nan_to_num(lost), strict=True)),
            }
        )
    return rows


def _mean(shares: np.ndarray) -> np.ndarray:
    there = ~np.isnan(shares)
    return np.where(there.any(0), np.nansum(shares, 0) / np.maximum(there.sum(0), 1), np.nan)


def _mark(lost: float, large: bool) -> str:
    """Return ``·`` for nothing lost, ``×`` for everything, ``-`` for nobody there, else between.

    Examples
    --------
    >>> [_mark(lost, large=False) for lost in (0, 0.5, 1, float("nan"))]
    ['·', '~', '×', '-']
    >>> [_mark(lost, large=True) for lost in (0, 0.02, 0.55, 1)]
    ['·', '1', '6', '×']
    """
    if np.isnan(lost):
        return "-"
    if lost <= 0 or lost >= 1:
        return "×" if lost > 0 else "·"
    return str(min(max(round(10 * lost), 1), 9)) if large else "~"


# Tables beside the page


def student_rows(results: Results) -> Iterator[list[Any]]:
    """Yield a heading, then for each student totals, reasons for a word, and every check."""
    yield ["student", "share", *results.labs, "to_read", "why"] + [
        f"{check.lab}/{check.name}" for check in results.checks
    ]
    why = concerns(results)
    for i, student in enumerate(results.students):
        shares = (results.totals[i], *results.by_lab[i])
        points = results.shares[i] * results.points
        reasons = "; ".join(why.get(student, ()))
        yield [student, *map(_round, shares), results.waiting[i], reasons, *map(_round, points)]


def check_rows(results: Results) -> Iterator[list[Any]]:
    """Yield a heading, then each check's statistics."""
    yield ["lab", "check", "points", "n", "failed", "difficulty", "point_biserial", "remark"]
    for s in item_statistics(results):
        yield [s.check.lab, s.check.name, s.check.points, s.n, s.failed] + [
            _round(s.difficulty),
            _round(s.discrimination),
            s.remark,
        ]


def write_csv(path: Path, rows: Iterator[list[Any]]) -> None:
    """Write rows, so that no spreadsheet takes a student's name for a formula."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [_no_formula(v) if isinstance(v, str) else v for v in row] for row in rows
        )


def _no_formula(text: str) -> str:
    text = one_line(text)  # a line end of its own kind would begin a row
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _round(value: float) -> float | str:
    return "" if np.isnan(value) else round(float(value), 4)
