"""Known answers get, judged apart from their checks, what they get in one process with them.

In one process is how :mod:`autograders.course.answers.runner` runs them; what they fail there is
stored with them, and held by ``test_answers``. Here answer and check are in two sandboxes: the
labs' own answers, some right ones, and a wrong one for each check. `make apart` takes all.
"""

import pytest

from autograders.course.answers.apart import differences, each_check_once
from autograders.course.answers.runner import LABS
from autograders.course.misconceptions import collect


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_two_processes_say_what_one_does(lab):
    answers = each_check_once(collect(lab.stem))
    assert {check for answer in collect(lab.stem) for check in answer.fails} == {
        check for answer in answers for check in answer.fails
    }
    found = differences(lab, answers)
    assert not found, "\n".join(found)
