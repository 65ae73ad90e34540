"""Every known answer gets, judged apart from its checks, what it gets in one process with them.

In one process is how :mod:`autograders.answers.runner` runs them; what they fail there is stored
with them, and held by ``test_misconceptions``. Here answer and check are in two sandboxes.
"""

import pytest

from autograders.answers.apart import grading, judged
from autograders.answers.runner import LABS
from autograders.answers.verdicts import blot, read
from autograders.misconceptions import collect

# What these make a check say is a matter of luck, as their names say.
LUCK = {("luck_decides", "shared_weights_check_accepts_right_libraries")}


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_two_processes_say_what_one_does(lab):
    stored, wrong = read(lab.stem), []
    answers = [("reference", {}, frozenset())]
    answers += [(one.name, one.cells, one.fails) for one in collect(lab.stem)]
    with grading() as executor:
        for name, cells, fails in answers:
            found = judged(executor, lab, cells)
            for check, (passed, said, why) in found.items():
                if passed == (check in fails):
                    wrong.append(f"{name}, {check}: {'passed' if passed else said}")
                elif not passed and (name, check) not in LUCK:
                    before = stored[name][check]
                    now = blot(said.removesuffix(": "))
                    if before != now:
                        wrong.append(f"{name}, {check}: {now!r} instead of {before!r}")
                kind, _, words = said.partition(": ")
                if kind == "AssertionError" and why != (words or kind):
                    wrong.append(f"{name}, {check}: its student reads {why!r}")
    assert not wrong, "\n".join(wrong)
