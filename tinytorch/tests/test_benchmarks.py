"""The benchmark's bookkeeping; what it times is not timed here."""

import json
import re

import pytest

from tinytorch.benchmarks.__main__ import STORED, main, measure
from tinytorch.benchmarks.cases import CASES, Case


def test_every_case_has_a_stored_ratio_and_every_ratio_a_case():
    assert list(json.loads(STORED.read_text())) == [case.name for case in CASES]


def test_stored_ratios_reach_their_goals():
    stored = json.loads(STORED.read_text())
    missed = [c.name for c in CASES if c.goal is not None and stored[c.name] > c.goal]
    assert not missed


def test_sides_take_turns_and_their_preparation_is_not_timed(monkeypatch):
    clock, done = [0], []
    monkeypatch.setattr("tinytorch.benchmarks.__main__.thread_time", lambda: clock[0])

    def side(name, preparing, working):
        def prepare():
            clock[0] += preparing

            def work():
                done.append(name)
                clock[0] += working

            return work

        return prepare

    case = Case("a case", None, lambda: (side("ours", 100, 2), side("theirs", 500, 8)), repeats=4)
    assert measure(case) == (2, 8)
    assert done == ["ours", "theirs"] * (len(done) // 2)


@pytest.mark.reference
@pytest.mark.parametrize("case", [c for c in CASES if "10M" not in c.name], ids=lambda c: c.name)
def test_both_sides_of_every_case_run(case):
    for side in case.make():
        side()()


@pytest.mark.reference
def test_whole_run_prints_its_rows_and_memory_that_reaches_its_goals(monkeypatch, capsys):
    name = "Softmax on 16x64x142, both ways"
    monkeypatch.setattr("sys.argv", ["benchmarks"])
    monkeypatch.setattr("tinytorch.benchmarks.__main__.CASES", [c for c in CASES if c.name == name])
    main()
    _, heads, row, pruning, step = capsys.readouterr().out.splitlines()
    assert heads.split() == ["ours/ms", "torch/ms", "ratio", "goal", "stored", "floor"]
    assert row.startswith(name)
    assert re.search(r" \d+ MB .*\(goal: below 200 MB\)$", pruning)
    assert re.search(r" \d+ MB, \d\.\d\d times PyTorch's \(goal: at most 1\.5\)$", step)
