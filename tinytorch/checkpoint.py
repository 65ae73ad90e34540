"""What a checkpoint tells after its last test: the answer, the numbers, and where to go back to.

A checkpoint is a file of pytest's whose classes name a ``lab`` and whose tests say an idea in their
docstring. Leans on pytest, which a kit has; only ``checkpoints/`` leans on it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest


class Report:
    """A plug-in of pytest's that speaks at the end.

    Parameters
    ----------
    title, question : str
        What the checkpoint is called, and what it asks.

    Attributes
    ----------
    answer : str
        To the question.
    lines : list of str
        Tables and facts, in the order in which they are printed.
    failures : list of (str, str)
        The lab and the idea of each test that failed.
    """

    def __init__(self, title: str, question: str) -> None:
        self.title, self.question = title, question
        self.answer = "It was not measured in this run."
        self.lines: list[str] = []
        self.failures: list[tuple[str, str]] = []

    def told(self) -> list[str]:
        """Return what is printed below the answer."""
        return self.lines

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, Any]:
        """Put the idea and the lab below the failure of a test."""
        report = yield
        if report.failed and hasattr(item.cls, "lab"):
            idea = " ".join(item.function.__doc__.split())
            self.failures.append((item.cls.lab, idea))
            advice = f"{idea}\nIf that is not so here, go back to lab {item.cls.lab}.ipynb."
            report.sections.append(("the idea", advice))
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the report; a plug-in's own output is not captured."""
        tell = terminalreporter.write_line
        terminalreporter.section(self.title)
        tell(f"{self.question}\n{self.answer}")
        for line in self.told():
            tell(line)
        if self.failures:
            tell("\nWhat does not hold yet, and the lab to go back to:")
        for lab, idea in sorted(self.failures):
            tell(f"  {lab}: {idea}")
