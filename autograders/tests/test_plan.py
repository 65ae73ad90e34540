"""What a check needs of a lab, as read from its source."""

import pytest

from autograders.grading.judge.names import names_of
from autograders.grading.judge.parts import parts_of
from autograders.grading.judge.plan import Plan
from autograders.tests.conftest import cell


def solution(source, name):
    return cell(source, name, solution=True)


def check(source, name, points=1):
    return cell(source, name, points=points)


def locked(source, name):
    made = cell(source, name, points=None)
    made.metadata["nbgrader"]["grade"] = False
    return made


def plan(*cells):
    return Plan(list(cells))


def ran(found, name="c"):
    """Return the first lines of what is run for a check, without the check."""
    return [step.source.split("\n")[0] for step in found.steps(name)[:-1]]


def asked(found, name="c"):
    """Return the names that each step takes from the answers."""
    return [step.ask for step in found.steps(name)]


# Names


@pytest.mark.parametrize(
    ("source", "uses", "binds"),
    [
        ("x = y", "y", "x"),
        ("x = 1\ny = x", "", "x y"),
        ("y = x\nx = 1", "x", "x y"),
        ("x += 1", "x", "x"),
        ("x: int = y", "y", "x"),
        ("x: int", "", ""),
        ("a, (b, *c) = d", "d", "a b c"),
        ("a.b = c", "a c", ""),
        ("a[i] = c", "a c i", ""),
        ("for i in r: s += i", "r s", "i s"),
        ("while (n := f()): print(n)", "f", "n"),
        ("if (n := f()) > n: pass", "f", "n"),
        ("with a as b, c as (d, e): b + d", "a c", "b d e"),
        ("try:\n    a\nexcept E as error:\n    error\nelse:\n    b\nfinally:\n    d",
         "E a b d", "error"),
        ("import a.b, c as d\nfrom e import f as g, h", "", "a d g h"),
        ("[x for x in y if z]", "y z", ""),
        ("{k: v for k, v in d.items()}", "d", ""),
        ("[x for x in xs for y in x]", "xs", ""),
        ("lambda a, b=c: a + b + d", "c d", ""),
        ("def f(a, b=c, *d, e, **g): return a + b + d + e + g + h", "c h", "f"),
        ("@wrap\ndef f(): pass", "wrap", "f"),
        ("async def f(): await g()", "g", "f"),
        ("def f(): return f()", "", "f"),
        ("def f():\n    global x\n    x = 1", "", "f x"),
        ("def f():\n    x = 1\n    def g(): return x + y\n    return g", "y", "f"),
        ("class A(B, meta=C):\n    x = y\n    def f(self): return z + A", "B C y z", "A"),
        (
            "match v:\n    case {'a': x, **rest}: x\n    case [y, *more]: y\n    case P(z): z",
            "P v", "more rest x y z",
        ),
        ("f'{a:{b}} {c!r}'", "a b c", ""),
        ("del x", "x", ""),
        ("'a' in dir() and 'b' not in globals() and 'c' in d", "a b d", ""),
        ("globals()['a'] + vars()['b'] + vars(c)['d']", "a b c", ""),
        ("print(len(x))", "x", ""),
        ("await f(x)", "f x", ""),
        ("%matplotlib inline\nx = y", "get_ipython y", "x"),
        ("!ls\nx = y", "get_ipython y", "x"),
        ("x?", "get_ipython", ""),
        ("this is no Python", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_names(source, uses, binds):
    found = names_of(source)
    assert " ".join(sorted(found.uses)) == uses
    assert " ".join(sorted(found.binds - {"_"})) == binds


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a.b.c = 1", "a"),
        ("a[0][1] = 1", "a"),
        ("a.b[0] += 1", "a"),
        ("a += 1", "a"),
        ("a.append(1)", "a"),
        ("train(a, b.c, *d, e=f)", "a b d f"),
        ("await train(a)", "a"),
        ("print(a)", ""),
        ("len(a)", ""),
        ("setattr(a, 'x', 1)", "a"),
        ("b = train(a)", ""),
        ("for p in model.parameters():\n    p.data[:] = 0", "p"),
        ("a", ""),
        ("a.b", ""),
    ],
)
def test_changes(source, changes):
    assert " ".join(sorted(names_of(source).changes)) == changes


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("if a:\n    x = 1\nelse:\n    y = x", "a x"),
        ("if a:\n    x = 1\ny = x", "a"),
        ("while a:\n    x = 1\nelse:\n    y = x", "a x"),
    ],
)
def test_branches(source, uses):
    assert " ".join(sorted(names_of(source).uses)) == uses


@pytest.mark.parametrize(
    ("source", "later"),
    [
        ("def f(): return x", "x"),
        ("x = 1\ndef f(): return x", "x"),
        ("f = lambda: x", "x"),
        ("class A:\n    def f(self): return x + self.y", "x"),
        ("fs = [lambda: x for _ in range(3)]", "x"),
        ("def f():\n    def g(): return x\n    return g", "x"),
        ("def f(x): return x", ""),
        ("x", ""),
    ],
)
def test_names_that_functions_look_up_later(source, later):
    assert " ".join(sorted(names_of(source).later - {"range"})) == later


# Steps


def test_demos_that_nothing_needs_are_not_run():
    found = plan(
        cell("import numpy as np"),
        cell("data = np.ones(3)"),
        cell("raise RuntimeError('a demo')"),
        cell("unused = 1"),
        solution("def f(x): return x", "f"),
        cell("print(f(2))"),
        cell("figure = f(data)"),
        check("assert f(data)", "c"),
    )
    assert ran(found) == ["import numpy as np", "data = np.ones(3)"]
    assert asked(found) == [(), (), ("f",)]


def test_steps_keep_their_order_and_position():
    found = plan(cell("a = 1"), cell("b = a"), cell("a = b"), check("assert a", "c"))
    assert [step.position for step in found.steps("c")] == [0, 1, 2, 3]
    assert found.checks == {"c": 3}


def test_locked_cells_are_run():
    found = plan(locked("setup = 1", "setup"), cell("other = 1"), check("assert True", "c"))
    assert ran(found) == ["setup = 1"]


def test_what_comes_after_a_check_is_not_run():
    found = plan(cell("a = 1"), check("assert a", "c"), cell("a = 2"), check("assert a", "d"))
    assert ran(found) == ["a = 1"]
    assert ran(found, "d") == ["a = 1", "a = 2"]


def test_earlier_checks_are_not_run_again():
    found = plan(
        cell("b = 1"),
        check("a = b", "b"),
        check("assert a and b", "c"),
    )
    assert ran(found) == ["b = 1"]


def test_a_cell_that_changes_an_object_is_run():
    found = plan(
        cell("model = make()"),
        cell("model.layers[0] = 1"),
        cell("model.train()"),
        cell("fit(model, 3)"),
        cell("print(model)"),
        check("assert model", "c"),
    )
    assert ran(found) == ["model = make()", "model.layers[0] = 1", "model.train()", "fit(model, 3)"]


def test_a_cell_that_an_answer_changes_is_asked_for():
    found = plan(
        cell("model = make()"),
        solution("model = prune(model)", "s"),
        check("assert model", "c"),
    )
    assert asked(found)[-1] == ("model",)


def test_the_last_who_binds_a_name_says_whose_it_is():
    found = plan(
        solution("x = 1", "s"),
        check("assert x", "b"),
        cell("x = 2"),
        check("assert x", "c"),
    )
    assert asked(found, "b") == [("x",)]
    assert asked(found)[-1] == ()
    assert ran(found)[-1] == "x = 2"


def test_a_function_of_the_course_s_that_calls_an_answer():
    found = plan(
        cell("def both(x): return f(x) + g(x)"),
        solution("def f(x): return x", "f"),
        solution("def g(x): return x", "g"),
        check("assert both(1)", "c"),
    )
    assert ran(found) == ["def both(x): return f(x) + g(x)"]
    assert asked(found)[-1] == ("f", "g")


def test_a_function_of_the_course_s_between_the_answers():
    found = plan(
        solution("def f(x): return x", "f"),
        cell("def twice(x): return f(f(x))"),
        solution("def h(x): return twice(x)", "h"),
        check("assert h(1) and twice(1)", "c"),
    )
    assert ran(found) == ["def twice(x): return f(f(x))"]
    assert asked(found) == [("f",), ("f", "h")]


def test_names_that_a_check_binds_itself():
    found = plan(
        solution("x = 1", "s"),
        cell("y = 1"),
        check("x = 3\nassert [y for y in (1,)] and x", "c"),
    )
    assert ran(found) == []
    assert asked(found) == [()]


def test_of_a_module_the_last_import_is_enough():
    found = plan(
        cell("import numpy as np"),
        cell("import numpy as np\nnp.random.seed(0)"),
        cell("np.set_printoptions(3)"),
        check("assert np", "c"),
    )
    assert ran(found) == ["import numpy as np"]
    assert [step.position for step in found.steps("c")] == [1, 3]


def test_magics_are_run_as_they_are():
    found = plan(cell("%matplotlib inline\nx = 1"), check("!ls\nassert x", "c"))
    sources = [step.source for step in found.steps("c")]
    assert sources == ["%matplotlib inline\nx = 1", "!ls\nassert x"]


@pytest.mark.parametrize(
    "source", ["%time assert x and f", "%%time\nassert x and f", "%%capture out\nassert x and f"]
)
def test_what_magics_run(source):
    found = plan(cell("x = 1"), solution("f = 1", "f"), check(source, "c"))
    assert ran(found) == ["x = 1"]
    assert asked(found)[-1] == ("f",)


def test_cells_that_are_no_python_are_in_nobody_s_way():
    found = plan(cell("this is no Python"), cell("x = 1"), check("assert x", "c"))
    assert ran(found) == ["x = 1"]


def test_imports():
    found = plan(
        cell("import a.b, c\nfrom d.e import f\nfrom . import g\n%matplotlib inline"),
        solution("import h", "s"),
        cell("def f():\n    import hidden"),
    )
    assert found.imports >= {"a", "c", "d", "h"}


def test_names_that_are_over():
    found = plan(
        cell("data = 1"),
        check("model = data\nresult = model", "c"),
        check("assert result", "d"),
        check("model = 2", "e"),
    )
    assert found.over("c") == ["model"]
    assert found.over("d") == ["model", "result"]
    assert "data" not in found.over("e")


def test_names_that_functions_look_up_are_not_over():
    found = plan(
        cell("def f(): return table"),
        check("table = 1\nother = 2\nassert f()", "c"),
        check("assert f()", "d"),
    )
    assert found.over("c") == ["other"]


def test_names_that_a_hidden_part_needs_again_are_not_over():
    found = plan(
        check(
            "model, other = 1, 2\n### BEGIN HIDDEN TESTS\nhalf = model / 2\n### END HIDDEN TESTS",
            "c",
        ),
        check("### BEGIN HIDDEN TESTS\nassert half\n### END HIDDEN TESTS", "d"),
    )
    assert found.over("c") == ["other"]
    assert found.over("d") == ["half", "model", "other"]


# Parts

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def lines(part):
    """Return the numbers of the lines that a part has, and what they say."""
    return {n: line for n, line in enumerate(part.source.split("\n"), 1) if line.strip()}


def test_a_check_without_hidden_tests_is_one_part():
    (part,) = parts_of("assert a\n\nassert b")
    assert (part.source, part.hidden) == ("assert a\n\nassert b", False)


def test_parts_keep_the_numbers_of_their_lines():
    source = (
        f"assert a\n{BEGIN}\nassert b\n\nassert c\n{END}\n# d\nassert d\n{BEGIN}\nassert e\n{END}"
    )
    found = parts_of(source)
    assert [part.hidden for part in found] == [False, True, False, True]
    whole = {}
    for part in found:
        whole |= lines(part)
    expected = {n: s for n, s in enumerate(source.split("\n"), 1) if s.strip() and s[:3] != "###"}
    assert whole == expected


def test_a_hidden_part_without_an_end():
    found = parts_of(f"assert a\n{BEGIN}\nassert b")
    assert [(lines(part), part.hidden) for part in found] == [
        ({1: "assert a"}, False),
        ({3: "assert b"}, True),
    ]


def test_only_hidden_tests():
    (part,) = parts_of(f"{BEGIN}\nassert a\n{END}\n")
    assert part.hidden
    assert lines(part) == {2: "assert a"}


def test_marks_with_something_beside_them():
    found = parts_of(f"assert a\n  {BEGIN} (more)\nassert b\n#{END}\nassert c")
    assert [part.hidden for part in found] == [False, True, False]


@pytest.mark.parametrize(
    "source",
    [
        f"if a:\n{BEGIN}\n    b\n{END}\nelse:\n    c",
        f"x = [\n1,\n{BEGIN}\n2,\n{END}\n]",
        f'x = """\n{BEGIN}\n"""\n{END}',
        f"for x in y:\n    {BEGIN}\n    assert z\n    {END}",
        f"for x in y:\n    assert x\n    {BEGIN}\n    assert z\n    {END}",
        f"with a:\n    b\n    {BEGIN}\n    c\n    {END}\n    d",
        f"def test():\n    a = f()\n    {BEGIN}\n    assert a\n    {END}\ntest()",
    ],
)
def test_a_check_that_cannot_be_cut_is_hidden(source):
    (part,) = parts_of(source)
    assert part.hidden
    assert part.source == source


def test_parts_with_magics():
    found = parts_of(f"%time f()\n{BEGIN}\n%%timeit\nf()\n{END}\n!ls")
    assert [part.hidden for part in found] == [False, True, False]


def test_a_part_that_takes_a_name_from_a_hidden_one_is_hidden():
    found = plan(
        check(f"assert f(1)\n{BEGIN}\nfrom a import close\nn = 5\n{END}\nassert f(3)", "b"),
        check("m = f(2)\nassert close(m, 4)", "c"),
        check("assert m == 4", "d"),
        check("n = 1\nassert f(n) == n", "e"),
    )
    kinds = {name: [part.hidden for part in found.parts(name)] for name in found.checks}
    assert kinds == {
        "b": [False, True, False],
        "c": [False, True],
        "d": [False, True],
        "e": [False],
    }
    assert [lent.source.strip() for lent in found.before("c", 1)] == ["from a import close\nn = 5"]


# What a check puts something else in place of


def test_names_that_a_check_rebinds_and_answers_look_up():
    found = plan(
        solution("def f(x):\n    return g(x)", "f"),
        solution("def g(x):\n    return x", "g"),
        check("kept = g\ndel g\nother = 1\ninput = None\nf(1)\ng = kept", "c"),
    )
    assert found.surroundings("c")["names"] == ["g"]


def test_names_that_a_check_patches_by_a_function_of_an_earlier_one():
    found = plan(
        solution("def f(x):\n    return g(x)", "f"),
        solution("def g(x):\n    return x", "g"),
        check("def h(x):\n    with patch('__main__.g', abs):\n        return f(x)\nh(1)", "c"),
        check("h(2)", "later"),
    )
    assert "g" in found.asked["c"]
    assert [found.surroundings(name)["names"] for name in ("c", "later")] == [["g"], ["g"]]


def test_names_that_a_later_answer_takes_from_a_check():
    found = plan(check("x, hidden = 1, 2", "c"), solution("y = 2 * x", "y"))
    assert found.surroundings("c")["names"] == ["x"]


def test_globals_come_back():
    found = plan(
        locked("calls = 0\ndef f():\n    global calls\n    calls += 1", "l"),
        solution("def g():\n    return f()", "g"),
        check("calls = 0\ng()\nassert calls == 1", "c"),
    )
    assert found.surroundings("c")["back"] == ["calls"]


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.linalg.solve = None",
        "import numpy\ndel numpy.linalg.solve",
        "from numpy import linalg\nlinalg.solve = None",
        "from unittest import mock\nwith mock.patch('numpy.linalg.solve'):\n    f()",
        "import numpy as np\n@patch.object(np.linalg, 'solve')\ndef test(solve):\n    f()",
        "import numpy.linalg as la\nsetattr(la, 'solve', None)",
    ],
)
def test_attributes_of_modules(code):
    assert plan(check(code, "c")).surroundings("c")["places"] == ["numpy.linalg.solve"]


def test_a_cell_out_of_which_a_release_cuts_something_is_an_answer():
    marked = cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION")
    found = plan(marked, check("assert x == 1", "c"))
    assert asked(found) == [("x",)]
    assert ran(found) == []


def test_what_a_function_of_the_course_fills_for_an_answer_is_asked_for():
    found = plan(
        locked("calls = []\ndef oracle(x):\n    calls.append(x)", "l"),
        solution("def solve():\n    oracle(1)", "s"),
        check("solve()\nassert calls == [1]", "c"),
    )
    assert asked(found)[-1] == ("calls", "solve")
