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

# This check has no seed. In one process it draws what the hidden part before it has left, and that
# part leaves nothing when it is judged last; the answer passes or fails with the numbers drawn.
DRAWN = {("l1_for_l2", "pruned_attention_still_computes")}


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_two_processes_say_what_one_does(lab):
    stored, wrong = read(lab.stem), []
    answers = [("reference", {}, frozenset())]
    answers += [(one.name, one.cells, one.fails) for one in collect(lab.stem)]
    with grading() as executor:
        for name, cells, fails in answers:
            found = judged(executor, lab, cells)
            for check, (passed, said, why) in found.items():
                if passed == (check in fails) and (name, check) not in DRAWN:
                    wrong.append(f"{name}, {check}: {'passed' if passed else said}")
                elif not passed and (name, check) not in LUCK | DRAWN:
                    before = stored[name][check]
                    now = blot(said.removesuffix(": "))
                    if before != now:
                        wrong.append(f"{name}, {check}: {now!r} instead of {before!r}")
                kind, _, words = said.partition(": ")
                if kind == "AssertionError" and why != (words or kind):
                    wrong.append(f"{name}, {check}: its student reads {why!r}")
    assert not wrong, "\n".join(wrong)
