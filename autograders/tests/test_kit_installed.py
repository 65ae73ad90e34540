"""The kit as students have it: installed by ``start.py``, worked in, and handed in from.

Packages are fetched, which takes minutes, so that only CI does this, on each system that students
have: ``pytest -m installs``. Nothing here needs Linux, and no shell comes between.
"""

import json
import subprocess
import sys
import time
import urllib.request
import zipfile

import nbformat
import pytest

from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in
from autograders.course.kit import build

pytestmark = pytest.mark.installs
PORT = 8891
PART_ONE = [lab for lab in LABS if lab.parent == LABS[0].parent]


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """The kit, unpacked from its zip in a folder whose name is not plain."""
    home = tmp_path_factory.mktemp("a foldér")
    folder = build(ROOT, LABS[0].parent.name, home / "dist")
    with zipfile.ZipFile(f"{folder}.zip") as archive:
        archive.extractall(home)
    return home / folder.name


@pytest.fixture(scope="module")
def start(kit):
    """Return a function that runs ``start.py``; the first call installs."""

    def run(*arguments):
        command = [sys.executable, "start.py", *arguments]
        finished = subprocess.run(
            command,
            cwd=kit,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return finished.returncode, finished.stdout

    return run


def test_an_empty_kit_is_installed_and_fails_the_checkpoint(start):
    status, said = start("checkpoint")
    assert status == 1, said
    assert "Installing what the labs need" in said
    last = said.partition("What does not hold yet, and the lab to go back to")[2]
    assert "01_sparsity: " in last
    assert "::test_" not in last, "names of tests push the ideas off the screen"


def test_right_answers_are_exported_pass_the_checkpoint_and_are_packed(kit, start):
    for lab in PART_ONE:
        released = nbformat.read(kit / "labs" / lab.name, as_version=4)
        nbformat.write(fill_in(released, nbformat.read(lab, 4), None), kit / "labs" / lab.name)
    status, said = start("export", *[f"labs/{lab.name}" for lab in PART_ONE])
    assert status == 0, said
    assert "Installing" not in said
    status, said = start("checkpoint")
    assert status == 0, said
    status, said = start("submit", "İnci Şen")
    assert status == 0, said
    [packed] = kit.glob("*--İnci Şen--*.zip")
    assert f"upload {packed.name} as it is" in said


def test_jupyterlab_opens_on_the_labs_and_runs_a_kernel(kit):
    options = ["--no-browser", f"--port={PORT}", "--IdentityProvider.token=kit"]
    with subprocess.Popen([sys.executable, "start.py", *options], cwd=kit) as lab:
        try:
            for _ in range(240):
                if lab.poll() is not None or _answers():
                    break
                time.sleep(0.5)
            found = _ask("contents/labs")["content"]
            there = sorted(entry["name"] for entry in found if entry["type"] == "notebook")
            assert there == [lab.name for lab in PART_ONE]
            assert _ask("kernels", {"name": "python3"})["name"] == "python3"
            _ask("shutdown", {})
            assert lab.wait(60) == 0
        finally:
            lab.kill()


def _answers():
    try:
        return bool(_ask("status"))
    except OSError:
        return False


def _ask(path, content=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/api/{path}",
        data=None if content is None else json.dumps(content).encode(),
        headers={"Authorization": "token kit"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")
