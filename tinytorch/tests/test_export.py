"""The exporter: what it writes, what it refuses, and that the labs' exports are current."""

import errno
import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

import tinytorch.export
from tinytorch.export import PACKAGE, ExportError, export_lab, is_current, render
from tinytorch.optimization import compression

ROOT = PACKAGE.parent
LABS = [
    path
    for path in sorted(ROOT.glob("modules/*/*.ipynb"))
    if "#| default_exp" in path.read_text(encoding="utf-8")
]

FINISHED = [
    "#| default_exp optimization.compression.zeros",
    "#| export\nimport numpy as np\nfrom tinytorch.core.layers import Linear",
    "scratch = 3",
    "#| export\ndef measure_sparsity(model):\n    ### BEGIN SOLUTION\n"
    "    return np.mean(isinstance(model, Linear))\n    ### END SOLUTION",
]


def write_lab(path, sources):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell("# Sparsity\n\n> How many weights are zero.")]
    for number, source in enumerate(sources, start=1):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        if "def measure_sparsity" in source:
            cell.metadata["nbgrader"] = {"grade_id": "measure_sparsity", "solution": True}
        cells.append(cell)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in a temporary folder whose exports go there."""
    package = tmp_path / "project" / "tinytorch"
    (package / "optimization" / "compression").mkdir(parents=True)
    monkeypatch.setattr(tinytorch.export, "PACKAGE", package)
    for name in ("NBGRADER_EXECUTION", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    return package.parent


@pytest.fixture
def lab(project):
    return write_lab(project / "modules" / "01_sparsity.ipynb", FINISHED)


@pytest.fixture
def module(project):
    return project / "tinytorch/optimization/compression/zeros.py"


def test_writes_the_exported_cells_and_nothing_else(lab, module, capsys):
    export_lab(lab)
    text = module.read_text()
    assert text.startswith('"""How many weights are zero."""\n')
    assert "__all__ = ['measure_sparsity']" in text
    assert "from ...core.layers import Linear" in text
    assert "scratch" not in text
    assert "SOLUTION" not in text
    assert capsys.readouterr().out == (
        "exported 01_sparsity.ipynb to tinytorch.optimization.compression.zeros\n"
    )


def test_text_is_the_same_wherever_the_project_lies(lab, module, project, tmp_path, monkeypatch):
    export_lab(lab)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project, elsewhere)
    monkeypatch.setattr(tinytorch.export, "PACKAGE", elsewhere / "tinytorch")
    monkeypatch.chdir(elsewhere / "modules")
    assert render("01_sparsity.ipynb")[1] == module.read_text()
    assert str(tmp_path) not in module.read_text()


def test_exporting_again_leaves_an_equal_file_untouched(lab, module):
    export_lab(lab)
    before = module.stat().st_mtime_ns
    export_lab(lab)
    assert module.stat().st_mtime_ns == before


def test_a_full_disk_is_told_and_the_earlier_export_kept(lab, module, monkeypatch):
    export_lab(lab)
    earlier = module.read_text()
    lab.write_text(lab.read_text().replace("return", "return 0 +"))

    def fail(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ExportError, match=f"was not exported. {module.name}: the disk is full"):
        export_lab(lab)
    assert module.read_text() == earlier
    assert [path.name for path in module.parent.glob(".export-*")] == []


def test_an_edited_lab_replaces_its_own_export(lab, module):
    export_lab(lab)
    write_lab(lab, [*FINISHED, "#| export\ndef count_zeros(array):\n    return np.sum(array == 0)"])
    export_lab(lab)
    assert "count_zeros" in module.read_text()


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ("#| export\ndef measure_sparsity(model)\n    return 0", "cell measure_sparsity, line 2: "),
        (
            '#| export\ndef measure_sparsity(model):\n    raise NotImplementedError("later")',
            "cell measure_sparsity, line 3: not finished yet",
        ),
        (
            "#| export\ndef measure_sparsity(model):\n    return scratch * torch.pi",
            "cell measure_sparsity uses scratch, torch, which no",
        ),
    ],
    ids=["syntax error", "stub", "name that is not exported"],
)
def test_refuses_a_lab_that_would_not_work_and_keeps_the_export(lab, module, broken, complaint):
    export_lab(lab)
    before = module.read_text()
    write_lab(lab, [*FINISHED[:3], broken])
    with pytest.raises(ExportError, match=complaint) as refusal:
        export_lab(lab)
    assert "01_sparsity.ipynb" in str(refusal.value)
    assert module.read_text() == before
    assert [path.name for path in module.parent.iterdir()] == ["zeros.py"]


# What students write around an answer


def only_the_answer(*sources):
    """A lab whose answer is written in one of many ways."""
    return [*FINISHED[:2], *sources]


ANSWER = "def measure_sparsity(model):\n    return np.mean(isinstance(model, Linear))"


@pytest.mark.parametrize(
    "source",
    [
        f"# my answer\n#| export\n{ANSWER}",
        f"import math\n#| export\n{ANSWER}",
        f"import math\n\n{ANSWER}\n\n#| export",
        f"#|export\n{ANSWER}",
        f"# | export\n{ANSWER}",
        f"\t#| export  \n{ANSWER}",
        f"#| export  # to tinytorch\n{ANSWER}",
        f"#| exports\n{ANSWER}",
        f"#| export\r\n{ANSWER}".replace("\n    ", "\r\n\t"),
        f"%%time\n#| export\n{ANSWER}",
        f"\n%%capture out\n# timed\n#| export\n{ANSWER}",
        f"#| export\n# \ud800 half a character\n{ANSWER}",
        "#| export\nfrom functools import cache\n\n\n@cache\n" + ANSWER,
        f"#| export\nasync def later():\n    return 1\n\n\n{ANSWER}",
    ],
)
def test_an_answer_is_exported_however_its_cell_begins(lab, module, source, capsys):
    write_lab(lab, only_the_answer())
    document = json.loads(lab.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "source": source}
    document["cells"].append(cell | {"execution_count": None})
    lab.write_text(json.dumps(document), encoding="ascii")
    export_lab(lab)
    text = module.read_text()
    assert "def measure_sparsity(model):" in text
    assert "'measure_sparsity'" in text.partition("\n\n# %%")[2]
    compile(text, "module", "exec")
    assert "without" not in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_notebook_in_another_encoding_is_read(lab, module, encoding):
    export_lab(lab)
    before = module.read_text()
    lab.write_bytes(lab.read_text(encoding="utf-8").encode(encoding))
    export_lab(lab)
    assert module.read_text() == before


ODD = {
    "metadata are null": lambda cells: [cell.update(metadata=None) for cell in cells],
    "marks are a text": lambda cells: [cell.update(metadata={"nbgrader": "x"}) for cell in cells],
    "no ids": lambda cells: [cell.pop("id") for cell in cells],
    "source is null": lambda cells: cells.append({"cell_type": "code", "source": None}),
    "no source": lambda cells: cells.append({"cell_type": "code"}),
    "no type": lambda cells: cells.append({"source": ["x"]}),
    "no cells": lambda cells: cells.extend([None, 1, "x"]),
}


@pytest.mark.parametrize("what", ODD)
def test_what_editors_leave_out_is_not_missed(lab, module, what):
    export_lab(lab)
    before = module.read_text()
    document = json.loads(lab.read_text(encoding="utf-8"))
    ODD[what](document["cells"])
    lab.write_text(json.dumps(document), encoding="utf-8")
    export_lab(lab)
    for line in ("import numpy as np", "def measure_sparsity(model):"):
        assert line in before
        assert line in module.read_text()


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_that_became_prose_is_named(lab, module, kind):
    """JupyterLab's key M does that, in a cell that is not being edited."""
    export_lab(lab)
    before = module.read_text()
    document = json.loads(lab.read_text(encoding="utf-8"))
    document["cells"][-1].update(cell_type=kind)
    lab.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ExportError, match=r"cell measure_sparsity begins .* and is no code. Click"):
        export_lab(lab)
    assert module.read_text() == before


def test_what_the_notebook_imports_elsewhere_comes_along(lab, module, capsys):
    """The checks of a lab run in the notebook, where every import is there."""
    setup = (
        "%matplotlib inline\nfrom __future__ import annotations\nimport numpy as np\n"
        "import os.path, sys as system\nfrom math import *\nfrom tinytorch import (\n    ReLU,\n"
        "    Tensor as T,\n)"
    )
    answer = (
        "#| export\ndef measure_sparsity(model: int | str):\n"
        "    np.copyto(model, 0)\n    display(T)\n    return floor(os.path.sep), ReLU, undefined"
    )
    write_lab(lab, [FINISHED[0], setup, answer])
    with pytest.raises(ExportError, match=r"cell measure_sparsity uses undefined, which no"):
        export_lab(lab)
    write_lab(lab, [FINISHED[0], setup, answer.replace(", undefined", "")])
    export_lab(lab)
    above, _, _ = module.read_text().partition("def measure_sparsity")
    assert above.index("from __future__ import annotations") < above.index("__all__")
    for line in (
        "import numpy as np",
        "import os.path",
        "from math import floor",
        "from ... import ReLU",
        "from ... import Tensor as T",
        "from IPython.display import display",
    ):
        assert f"\n{line}\n" in above
    assert "system" not in above
    assert "__all__ = ['measure_sparsity']" in above


def test_a_future_import_in_an_answer_stands_first_in_the_module(lab, module):
    answer = "#| export\nfrom __future__ import annotations\n" + ANSWER
    write_lab(lab, only_the_answer(answer))
    export_lab(lab)
    compile(module.read_text(), "module", "exec", dont_inherit=True)


def test_star_imports_of_an_exported_cell_are_known(lab, module):
    answer = "#| export\nfrom math import *\n\n\ndef measure_sparsity(model):\n    return floor(1)"
    write_lab(lab, [FINISHED[0], answer])
    export_lab(lab)
    assert "from math import *" in module.read_text()


@pytest.mark.parametrize(
    ("sources", "complaint"),
    [
        (
            ["scratch = 3", "#| export\ndef f():\n    return scratch"],
            r"uses scratch, .*at cell cell-3",
        ),
        (
            ["%pip list\nfiles = !ls\ndef helper(): ...", "#| export\n@helper\ndef f(): ..."],
            r"uses helper, .*at cell cell-3",
        ),
        (["#| export\n%timeit f()\ndef f(): ..."], r"line 2: `%timeit f\(\)` is a command to the"),
        (["#| export\n!ls\ndef f(): ..."], r"line 2: `!ls` is a command to the notebook"),
        (["#| export\nx = await f()"], r"line 2: 'await' outside function"),
        (["#| export core\ndef f(): ..."], r"`#\| export core`; write `#\| export` alone"),
    ],
)
def test_what_a_module_cannot_hold_is_said_with_its_cell(lab, sources, complaint):
    write_lab(lab, [*FINISHED[:2], *sources])
    with pytest.raises(ExportError, match=rf"01_sparsity.ipynb, cell .*{complaint}"):
        export_lab(lab)


def test_what_a_lab_should_define_and_does_not_is_named(lab, capsys):
    sources = [FINISHED[0].replace("zeros", "sparsity"), *FINISHED[1:]]
    write_lab(lab, [*sources, "def storage_bytes(weight): ...", "#| exprt\nlayer_sparsity = 1"])
    export_lab(lab)
    assert capsys.readouterr().out == (
        "exported 01_sparsity.ipynb to tinytorch.optimization.compression.sparsity, without "
        "layer_sparsity (no cell defines it), "
        "storage_bytes (cell cell-5 has no line `#| export`), "
        "pack_bitmask (no cell defines it), unpack_bitmask (no cell defines it)\n"
    )


def test_a_notebook_under_another_name_is_named(lab, module, monkeypatch):
    export_lab(lab)
    copy = lab.with_name("01_sparsity-Copy1.ipynb")
    lab.rename(copy)
    monkeypatch.setenv("JPY_SESSION_NAME", str(copy))
    with pytest.raises(ExportError, match=r"no lab .*\. This notebook is called 01_sparsity-Copy1"):
        export_lab(lab)
    with pytest.raises(ExportError, match=r"01_sparsity.ipynb, not from .*Copy1.* It is not there"):
        export_lab(copy)
    export_lab(copy, force=True)
    assert "modules/01_sparsity-Copy1.ipynb" in module.read_text()


@pytest.fixture
def shell():
    """What a notebook's kernel runs its cells in."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_what_is_saved_must_be_what_was_run_last(lab, module, shell):
    export_lab(lab)
    before = module.read_text()
    for cell in FINISHED:
        shell.run_cell(cell, store_history=True)
    export_lab(lab)  # nothing was edited
    answer = FINISHED[-1].replace("np.mean", "np.sum")
    shell.run_cell(answer, store_history=True)
    with pytest.raises(ExportError, match="cell measure_sparsity: .* Run its cell, save"):
        export_lab(lab)
    assert module.read_text() == before
    write_lab(lab, [*FINISHED[:-1], answer])
    export_lab(lab)
    assert "np.sum" in module.read_text()


def test_cells_that_this_kernel_did_not_run_are_exported_as_they_are_saved(lab, module, shell):
    shell.run_cell("#| export\ndef another(): return 1", store_history=True)
    shell.run_cell("def measure_sparsity(model): return 'a draft'", store_history=True)
    shell.run_cell("#| export\nno python", store_history=True)
    export_lab(lab)
    assert "np.mean" in module.read_text()


def test_names_bound_inside_functions_are_not_missed_as_globals(lab):
    helper = (
        "#| export\n_CACHE = {}\n\n\ndef fill(model, *names, **more):\n    global _COUNT\n"
        "    _COUNT = len(names)\n    def inner(x):\n        return x + _COUNT + len(more)\n"
        "    with open(__file__) as file:\n        _CACHE[model] = [inner(y) for y in file]\n"
        "    return measure_sparsity(model)\n\n\nclass Meter:\n    unit = 1\n\n"
        "    def read(self):\n        return super().__init__() or type(self).unit"
    )
    write_lab(lab, [*FINISHED, helper])
    assert "'fill', 'Meter'" in render(lab)[1]


@pytest.mark.parametrize(
    ("sources", "complaint"),
    [
        (FINISHED[1:], "has 0 `#| default_exp` lines"),
        ([FINISHED[0], *FINISHED], "has 2 `#| default_exp` lines"),
        (["#| default_exp core.tensor", *FINISHED[1:]], "`#| default_exp core.tensor`; labs"),
        (["#| default_exp optimization.compression.__init__", *FINISHED[1:]], "labs export to"),
        (FINISHED[:1], "has nothing to export"),
    ],
)
def test_says_where_a_lab_may_export_to(project, sources, complaint):
    lab = write_lab(project / "01_sparsity.ipynb", sources)
    with pytest.raises(ExportError) as refusal:
        export_lab(lab)
    assert complaint in str(refusal.value)


def test_a_missing_lab_is_named(lab, monkeypatch):
    monkeypatch.chdir(lab.parent)
    with pytest.raises(ExportError, match=r"no lab 1_sparsity.ipynb .*: 01_sparsity.ipynb"):
        export_lab("1_sparsity.ipynb")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "Expecting property name"),
        (b"{\xff", "can't decode byte 0xff"),
        (b"[]", "its format is None, not 4"),
        (b'{"nbformat": 4}', "it has no cells"),
        (b'{"nbformat": 3, "worksheets": []}', "its format is 3, not 4. Open it in JupyterLab"),
    ],
)
def test_a_file_that_is_no_notebook_is_named(lab, content, reason):
    lab.write_bytes(content)
    with pytest.raises(ExportError, match=f"01_sparsity.ipynb is not a readable .*{reason}"):
        export_lab(lab)


def test_another_notebooks_module_is_not_overwritten(lab, module, project):
    export_lab(lab)
    before = module.read_text()
    released = write_lab(project / "release" / "01_sparsity.ipynb", FINISHED)
    with pytest.raises(ExportError, match=r"from modules/01_sparsity.ipynb, not from release/"):
        export_lab(released)
    assert module.read_text() == before
    export_lab(released, force=True)
    assert "release/01_sparsity.ipynb" in module.read_text()


@pytest.mark.parametrize("edit", [lambda text: text + "\nx = 1\n", lambda text: text[3:]])
def test_an_edit_by_hand_is_not_overwritten(lab, module, edit):
    export_lab(lab)
    edited = edit(module.read_text())
    module.write_text(edited)
    with pytest.raises(ExportError, match="edited by hand"):
        export_lab(lab)
    assert module.read_text() == edited


def test_does_nothing_while_nbgrader_runs_the_lab(lab, module, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    export_lab(lab)
    assert not module.exists()
    assert capsys.readouterr().out == "nbgrader is running 01_sparsity.ipynb: not exported\n"


def test_a_lab_that_once_ended_python_under_validate_is_exported(lab, module, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")  # it stays set
    monkeypatch.setenv("JPY_SESSION_NAME", "labs/01_sparsity.ipynb")
    export_lab(lab)
    assert module.exists()


def test_the_command_exports_what_it_can_and_fails_for_the_rest(lab, module, project, capsys):
    stub = "#| export\nraise NotImplementedError"
    unfinished = write_lab(project / "02.ipynb", [FINISHED[0], stub])
    assert tinytorch.export.main([str(unfinished), str(lab)]) == 1
    assert module.exists()
    assert "error: 02.ipynb, cell cell-2, line 2: not finished" in capsys.readouterr().err


# The repository's own exports


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_every_module_is_what_its_lab_exports(lab):
    assert is_current(lab), f"run `python -m tinytorch.export {lab.relative_to(ROOT)}`"
    assert f"\n# exported from modules/{lab.parent.name}/{lab.name}\n" in render(lab)[1]


def test_a_lab_without_exported_cells_is_passed_over(project, capsys):
    lab = write_lab(project / "08.ipynb", ["def check_shared_weights(library): ..."])
    for arguments in ([str(lab)], ["--check", str(lab)]):
        assert tinytorch.export.main(arguments) == 0
        assert capsys.readouterr().out == "08.ipynb exports nothing\n"
    assert not list(project.glob("tinytorch/optimization/compression/*.py"))


def test_an_altered_or_missing_module_is_noticed(lab, module, capsys):
    check = ["--check", str(lab)]
    assert not is_current(lab)
    assert tinytorch.export.main(check) == 1
    assert not module.exists()
    export_lab(lab)
    assert is_current(lab)
    assert tinytorch.export.main(check) == 0
    altered = module.read_text().replace("mean", "sum")
    module.write_text(altered)
    assert not is_current(lab)
    assert tinytorch.export.main(check) == 1
    assert "01_sparsity.ipynb has changed since it was exported" in capsys.readouterr().err
    assert module.read_text() == altered


def test_every_exported_module_belongs_to_a_lab():
    generated = {path.stem for path in (PACKAGE / "optimization/compression").glob("*.py")} - {
        "__init__",
        "facade",
    }
    assert generated == {render(lab)[0].rpartition(".")[2] for lab in LABS}
    assert generated <= set(compression.LABS)


# The package that the modules fill in


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package as a student has it who has exported nothing yet."""
    home = tmp_path / "kit" / "tinytorch" / "optimization" / "compression"
    home.mkdir(parents=True)
    for name in ("__init__.py", "facade.py"):
        shutil.copy(PACKAGE / "optimization/compression" / name, home)
    for folder in (home.parent, home.parent.parent):
        (folder / "__init__.py").touch()
    return home


def python(package, code):
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=package.parents[2], capture_output=True, text=True
    )
    return finished.stdout + finished.stderr


IMPORT = "from tinytorch.optimization.compression import "


def test_a_name_not_exported_yet_says_which_lab_to_finish(package):
    told = python(package, IMPORT + "magnitude_prune")
    assert "magnitude_prune is not there yet: finish lab 02_magnitude_pruning.ipynb" in told
    assert "python -m tinytorch.export 02_magnitude_pruning.ipynb" in told
    assert "ImportError: cannot import name 'prune'" in python(package, IMPORT + "prune")


def test_finished_labs_work_while_others_are_missing(package):
    (package / "sparsity.py").write_text("def measure_sparsity(model):\n    return model / 2\n")
    code = (
        IMPORT + "CompressionComplete, measure_sparsity\n"
        "import tinytorch.optimization.compression as c\n"
        "print(measure_sparsity(1), CompressionComplete.measure_sparsity(1))\n"
        "print('measure_sparsity' in dir(c), 'magnitude_prune' in dir(c))\n"
        "CompressionComplete.magnitude_prune(1, 0.5)"
    )
    told = python(package, code)
    assert told.startswith("0.5 0.5\nTrue False\n")
    assert "ImportError: magnitude_prune is not there yet" in told


def test_a_name_that_was_not_exported_with_its_lab_is_named(package):
    (package / "sparsity.py").write_text("def measure_sparsity(model):\n    return model / 2\n")
    told = python(package, IMPORT + "storage_bytes")
    assert "ImportError: storage_bytes is not in what lab 01_sparsity.ipynb exported" in told
    assert "`#| export`" in told


def test_an_import_that_fails_inside_a_lab_is_not_masked(package):
    (package / "sparsity.py").write_text("import not_installed\n")
    told = python(package, IMPORT + "measure_sparsity")
    assert "ModuleNotFoundError: No module named 'not_installed'" in told
    assert "not there yet" not in told


def exported_names():
    return [
        name
        for module, (_, names) in compression.LABS.items()
        if (PACKAGE / "optimization/compression" / f"{module}.py").exists()
        for name in names
    ]


@pytest.mark.parametrize("name", exported_names())
def test_the_functional_api_is_public_in_its_lab(name):
    module = importlib.import_module(getattr(compression, name).__module__)
    assert name in module.__all__
    facade = getattr(compression.CompressionComplete, name, None)
    if facade is not None:
        given, wanted = inspect.signature(facade), inspect.signature(getattr(compression, name))
        assert list(given.parameters) == list(wanted.parameters)
        assert [p.default for p in given.parameters.values()] == [
            p.default for p in wanted.parameters.values()
        ]
