"""What must be so before a hub is set up, and what a student's hand-in looks like on it.

A class of different system users is gone through in ``browser/test_hub.py``.
"""

import getpass
import grp
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograders.course import ROOT, hub
from autograders.course.hub import Hub, HubError, set_up
from autograders.course.hub.files import single_user
from tinytorch.assignment import names

ME = getpass.getuser()
OTHERS = grp.getgrall()[-1].gr_name


@pytest.fixture
def as_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def planned(tmp_path):
    """Return a function that plans a hub; nothing may be made unless all is well."""
    (tmp_path / "course").mkdir()

    def planned(instructor=ME, students=OTHERS):
        return Hub(instructor, students, tmp_path / "place", tmp_path / "course")

    yield planned
    assert not (tmp_path / "place").exists()


def test_only_root_sets_up_a_hub(planned, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(HubError, match="sudo"):
        set_up(planned())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"instructor": "nobody-here"}, "no user 'nobody-here': adduser"),
        ({"students": "no-such-group"}, "no group 'no-such-group': addgroup"),
        ({"instructor": "nobody"}, f"belongs to {ME}, and must belong to nobody: chown -R"),
    ],
)
def test_a_user_a_group_or_an_owner_that_is_not_as_it_must_be_is_named(
    settings, said, planned, as_root
):
    with pytest.raises(HubError, match=said):
        set_up(planned(**settings))


def test_nobody_shares_the_instructors_group(planned, as_root, monkeypatch):
    ada = SimpleNamespace(pw_name="ada", pw_gid=os.getgid())
    monkeypatch.setattr(hub.pwd, "getpwall", lambda: [ada])
    with pytest.raises(HubError, match=r"has other members \(ada\).*usermod"):
        set_up(planned())


def test_what_is_handed_in_is_read_by_its_author_and_the_group_of_inbound(tmp_path):
    settings = tmp_path / "settings"
    shutil.copytree(hub.FILES / "settings", settings)
    exchange = tmp_path / "exchange"
    inbound = exchange / "tinytorch" / "inbound"
    for folder in (inbound, exchange / "tinytorch" / "outbound" / "toy", tmp_path / "work" / "toy"):
        folder.mkdir(parents=True)
    exchange.chmod(0o1777)
    inbound.chmod(0o3733)
    (tmp_path / "work" / "toy" / "toy.ipynb").write_text("{}")
    (settings / "hub.json").write_text(
        json.dumps({"course_id": "tinytorch", "exchange": str(exchange)})
    )
    environment = {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "JUPYTER_CONFIG_PATH": str(settings / "student"),
    }
    command = [str(Path(sys.executable).with_name("nbgrader")), "submit", "toy"]
    subprocess.run(command, cwd=tmp_path / "work", env=environment, check=True, capture_output=True)
    (handed_in,) = inbound.iterdir()
    assert stat.S_IMODE(handed_in.stat().st_mode) & 0o777 == 0o770
    # Whoever may enter may read: files do not inherit the group where the folder was copied.
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in handed_in.iterdir()}
    assert modes == dict.fromkeys(("toy.ipynb", "timestamp.txt", "submission_secret.txt"), 0o644)


def test_a_student_gets_the_kit_once_and_nobody_else_can_read_it(tmp_path):
    kit, work = tmp_path / "kit", tmp_path / "tinytorch"
    (kit / "labs").mkdir(parents=True)
    (kit / "labs" / "lab.py").write_text("given")
    single_user.unpack(kit, work)
    assert stat.S_IMODE(work.stat().st_mode) == 0o700
    (work / "labs" / "lab.py").write_text("mine")
    single_user.unpack(kit, work)
    assert (work / "labs" / "lab.py").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kit", "tinytorch"]


@pytest.mark.parametrize("taught", [(), ("17_language_models",)])
def test_what_lies_on_a_hub_is_for_what_is_taught(taught, tmp_path):
    hub._unpack_kit(Hub(ME, OTHERS, tmp_path, ROOT, taught))
    kit = tmp_path / "kit"
    there = {path.relative_to(kit).parts[0] for path in kit.rglob("*")}
    assert there - {"checkpoints"} == {"START.md", "README.md", "LICENSE", "tinytorch"}
    page = (kit / "START.md").read_text(encoding="utf-8")
    for name in names(ROOT):
        assert (f"- `{name}/`: labs " in page) == (name in (taught or names(ROOT)))
    assert "[" not in page
    modules = {path.stem for path in kit.glob("tinytorch/optimization/compression/*.py")}
    assert ("magnitude" in modules) == bool(taught)
    assert "few_bits" not in modules


def test_an_assignment_that_nobody_knows_is_not_taught(tmp_path):
    with pytest.raises(HubError, match="there is no assignment.toml in .*/18_toy/"):
        hub._unpack_kit(Hub(ME, OTHERS, tmp_path, ROOT, ("18_toy",)))
    assert list(tmp_path.iterdir()) == []
