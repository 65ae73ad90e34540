"""A course that marks hidden tests and solutions in its own words, and has a lab for the shell."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from autograders.tests.conftest import cell

SETTINGS = """
from autograders.configuration import configure

c = get_config()
c.ClearHiddenTests.begin_test_delimeter = "GEHEIM"
c.ClearHiddenTests.end_test_delimeter = "OFFEN"
c.ClearSolutions.begin_solution_delimeter = "LÖSUNG"
c.ClearSolutions.end_solution_delimeter = "ENDE"
c.ClearSolutions.enforce_metadata = False
c.ClearSolutions.code_stub = {"python": "...", "bash": "false"}
configure(c, __file__)
"""
KERNELS = {"python": "python3", "bash": "bash"}
LABS = {
    "double": (
        "python",
        cell("def double(x):\n    # LÖSUNG\n    return 2 * x\n    # ENDE", "double", solution=True),
        # A cell that nobody marked as an answer: what is cut out of it is one, all the same.
        cell("# LÖSUNG\nkept = double(4)\n# ENDE\nkept = kept + 0"),
        cell("# GEHEIM\nassert double(77) == 154, f'twice 77, got {double(77)}'\n# OFFEN", "two",
             points=1),
        cell("assert kept == 8", "keeps", points=1),
    ),
    "shell": (
        "bash",
        cell("# LÖSUNG\nx=1\n# ENDE", "x", solution=True),
        cell("test $x = 1\n# GEHEIM\ntest $x != unguessable\n# OFFEN", "is_one", points=1),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("somewhere") / "course"
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(SETTINGS)
    for name, (language, *cells) in LABS.items():
        about = {"name": KERNELS[language], "display_name": "", "language": language}
        made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": about})
        nbformat.write(made, root / "source" / "ps1" / f"{name}.ipynb")
    return root


@pytest.fixture(scope="module")
def run(course):
    spec = course.parent / "jupyter" / "kernels" / "bash" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Bash", "language": "bash"}))
    environment = {**os.environ, "JUPYTER_PATH": str(course.parent / "jupyter")}

    def run(*command):
        if command[0] == "autograders":
            command = (sys.executable, "-m", *command)
        done = subprocess.run(
            command, cwd=course, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    return run


def test_no_page_tells_of_hidden_tests_and_the_batch_says_where_checks_ran(course, run):
    run("nbgrader", "generate_assignment", "ps1")
    for name in LABS:
        lab = nbformat.read(course / "release" / "ps1" / f"{name}.ipynb", as_version=4)
        assert not any("GEHEIM" in made.source or "LÖSUNG" in made.source for made in lab.cells)
        home = course / "submitted" / "ada" / "ps1"
        home.mkdir(parents=True, exist_ok=True)
        for made in lab.cells:
            made.source = made.source.replace("    ...", "    return x + 1")
            made.source = made.source.replace("...", "kept = 8")
        nbformat.write(lab, home / f"{name}.ipynb")
    said = run("autograders", "grade", "ps1", "--workers=1")
    assert "shell: its checks ran in its kernel, Bash, beside the answers." in said
    run("autograders", "feedback", "ps1", "--workers=1")
    pages = {name: (course / f"feedback/ada/ps1/{name}.html").read_text() for name in LABS}
    assert "two: twice 77, got …" in pages["double"]
    assert "got 78" not in pages["double"]
    assert "unguessable" not in pages["shell"]
