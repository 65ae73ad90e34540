"""Hand-ins: zips that students made, renamed, damaged or armed, and where their labs end up."""

import errno
import io
import json
import os
import shutil
import stat
import unicodedata
import zipfile

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from rich.console import Console

from autograders import students
from autograders.course import ROOT
from autograders.course.answers.runner import fill_in
from autograders.platforms import collect as module
from autograders.platforms.collect import collect
from autograders.tests.synthetic_class import release
from tinytorch import assignment
from tinytorch.submit import SubmitError, main, pack

LABS = {"01_toy.ipynb": b"{}", "02_toy.ipynb": b"[]"}
TIMES = ["20251101T120000Z", "20251102T120000Z", "20251103T120000Z"]


@pytest.fixture
def zips(course):
    folder = course / "from the platform"
    folder.mkdir()
    return folder


def make(folder, name, files=LABS, **options):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for inside, content in files.items():
            archive.writestr(inside, content)
    return folder / name


def named(student, time=TIMES[0]):
    return f"toy--{student}--{time}.zip"


def submitted(course):
    """Return what is in submitted/, by path."""
    home = course / "submitted"
    files = {p.relative_to(home).as_posix(): p for p in home.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if "timestamp" not in name}


# Placing


def test_labs_land_where_nbgrader_looks_for_them(course, zips):
    make(zips, named("ada"))
    outcome = collect(zips, course)
    assert outcome.placed == [f"ada: {named('ada')}"]
    assert outcome.unplaced == outcome.kept == []
    assert submitted(course) == {f"ada/toy/{name}": text for name, text in LABS.items()}
    stamp = course / "submitted/ada/toy/timestamp.txt"
    assert stamp.read_text() == "2025-11-01 12:00:00.000000 UTC\n"


@pytest.mark.parametrize(
    "path",
    [
        "{}.zip",
        "Ada Lovelace_12345_assignsubmission_file_/{}.zip",  # Moodle, in folders
        "Ada Lovelace_12345_assignsubmission_file_{}.zip",  # Moodle, in one folder
        "lovelaceada_4711_0815_{}-1.zip",  # Canvas, handed in again
        "{} (1).zip",  # a browser
    ],
)
def test_what_platforms_do_to_names_does_no_harm(path, course, zips):
    target = zips / path.format(named("ada").removesuffix(".zip"))
    make(target.parent, target.name)
    outcome = collect(zips, course)
    assert outcome.unplaced == []
    assert set(submitted(course)) == {f"ada/toy/{name}" for name in LABS}


@pytest.mark.parametrize(
    "inside", ["", "toy/", "Ada Lovelace_12345_assignsubmission_file_/", "downloads/more/"]
)
@pytest.mark.parametrize("student", ["ada", "Zoë Ångström"])
def test_a_zip_that_the_browser_has_unpacked(inside, student, course, zips):
    name = unicodedata.normalize("NFD", named(student).removesuffix(".zip"))  # as macOS writes it
    folder = zips / name / "toy" if inside == "toy/" else zips / inside / name
    folder.mkdir(parents=True)
    for lab, content in LABS.items():
        (folder / lab).write_bytes(content)
    (folder / "notes.txt").write_text("mine")
    for clutter in (folder / "__MACOSX", folder.parent / "__MACOSX" / name):
        clutter.mkdir(parents=True)
        (clutter / "._01_toy.ipynb").write_bytes(b"\0")
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "01_toy copy.ipynb").symlink_to(folder / "01_toy.ipynb")
    outcome = collect(zips, course)
    assert outcome.unplaced == [] or "is a link" in outcome.unplaced[0]
    (folder / "01_toy copy.ipynb").unlink()
    outcome = collect(zips, course)
    assert outcome.unplaced == []
    assert submitted(course) == {f"{student}/toy/{lab}": text for lab, text in LABS.items()}
    assert "left out" in outcome.placed[0]


def test_a_zip_and_what_was_unpacked_of_it_are_no_question(course, zips):
    make(zips, named("ada"))
    folder = zips / named("ada").removesuffix(".zip")
    folder.mkdir()
    for lab, content in LABS.items():
        (folder / lab).write_bytes(content)
    outcome = collect(zips, course)
    assert outcome.unplaced == []
    assert len(outcome.kept) == 1
    assert len(submitted(course)) == 2


@pytest.mark.parametrize("student", ["Ada King Lovelace", "Zoë Ångström", "李小龙", "d'Arc Jeanne"])
def test_names_with_spaces_and_accents(student, course, zips):
    make(zips, named(unicodedata.normalize("NFD", student)))  # as macOS writes them
    make(zips, named(student, TIMES[1]), {"01_toy.ipynb": b"later"})
    outcome = collect(zips, course)
    assert len(outcome.kept) == 1
    assert submitted(course) == {f"{student}/toy/01_toy.ipynb": b"later"}


@pytest.mark.parametrize("prefix", ["toy/", "toy/labs/", "C\\labs\\", "./"])
def test_a_folder_too_many_in_the_zip(prefix, course, zips):
    clutter = {
        "__MACOSX/._01_toy.ipynb": b"",
        "toy/.ipynb_checkpoints/01_toy-checkpoint.ipynb": b"",
    }
    files = {prefix + name: text for name, text in LABS.items()}
    make(zips, named("ada"), files | clutter | {"notes.txt": b"", "09_other.ipynb": b""})
    outcome = collect(zips, course)
    assert submitted(course) == {f"ada/toy/{name}": text for name, text in LABS.items()}
    assert outcome.placed[0].endswith("left out notes.txt, left out 09_other.ipynb")


def test_a_lab_that_is_missing_is_told(course, zips):
    make(zips, named("ada"), {"02_toy.ipynb": b"{}"})
    assert collect(zips, course).placed == [f"ada: {named('ada')}, without 01_toy"]


# Handing in again


def test_the_latest_counts_and_the_others_are_told(course, zips):
    for time in (TIMES[1], TIMES[2], TIMES[0]):
        make(zips / time, named("ada", time), {"01_toy.ipynb": time.encode()})
    outcome = collect(zips, course)
    assert submitted(course) == {"ada/toy/01_toy.ipynb": TIMES[2].encode()}
    assert len(outcome.kept) == 2
    assert all(line.endswith("ada handed in again") for line in outcome.kept)


def test_what_is_there_gives_way_to_a_later_one_and_is_set_aside(course, zips):
    make(zips, named("ada", TIMES[0]), {"01_toy.ipynb": b"first"})
    collect(zips, course)
    make(zips, named("ada", TIMES[1]), {"01_toy.ipynb": b"second"})
    collect(zips, course)
    assert submitted(course) == {"ada/toy/01_toy.ipynb": b"second"}
    (aside,) = course.glob("superseded/ada/toy--*/01_toy.ipynb")
    assert aside.read_bytes() == b"first"

    outcome = collect(zips, course)  # the same folder again: nothing to do
    assert outcome.placed == []
    assert outcome.kept[-1].endswith("is of 2025-11-02 12:00:00 UTC, kept")
    assert len(list(course.glob("superseded/ada/*"))) == 1


@pytest.mark.parametrize("stamp", ["2025-12-24 12:00:00.000000 UTC\n", None])
def test_later_or_undated_work_that_is_there_is_kept(stamp, course, zips):
    home = course / "submitted/ada/toy"
    home.mkdir(parents=True)
    (home / "01_toy.ipynb").write_bytes(b"by the exchange")
    if stamp:
        (home / "timestamp.txt").write_text(stamp)
    make(zips, named("ada"))
    outcome = collect(zips, course)
    assert submitted(course) == {"ada/toy/01_toy.ipynb": b"by the exchange"}
    assert outcome.placed == []
    assert "kept" in outcome.kept[0]


# Two assignments


def test_a_zip_lands_in_the_assignment_that_its_name_says(course, zips):
    shutil.copytree(course / "modules/toy", course / "modules/toy_two")
    (course / "modules/toy_two/01_toy.ipynb").rename(course / "modules/toy_two/03_toy.ipynb")
    release(course, "toy").close()
    (course / "list.csv").write_text("id\nada\nbob\n")
    assert students.main(course / "list.csv", course) == 0
    every = LABS | {"03_toy.ipynb": b"3"}
    make(zips, f"4711_0815_{named('ada')}", every)
    make(zips, f"toy_two--ada--{TIMES[1]}.zip", every)
    make(zips, f"toy_two--bob--{TIMES[0]}.zip", {"01_toy.ipynb": b""})
    outcome = collect(zips, course)
    assert submitted(course) == {
        **{f"ada/toy/{name}": text for name, text in LABS.items()},
        "ada/toy_two/02_toy.ipynb": b"[]",
        "ada/toy_two/03_toy.ipynb": b"3",
    }
    (problem,) = outcome.unplaced
    assert "holds no lab of toy_two, only 01_toy.ipynb" in problem
    assert outcome.absent == ["bob: toy", "bob: toy_two"]


# Times, and the class list


def test_a_time_to_come_wins_over_nothing(course, zips):
    make(zips, named("ada", "20990101T000000Z"), {"01_toy.ipynb": b"for ever"})
    make(zips, named("ada", TIMES[1]), {"01_toy.ipynb": b"honest"})
    outcome = collect(zips, course)
    assert submitted(course) == {"ada/toy/01_toy.ipynb": b"honest"}
    (problem,) = outcome.unplaced
    assert "says 2099-01-01 00:00:00 UTC, which is still to come; rename it" in problem


def test_a_time_to_come_that_is_there_is_told(course, zips):
    home = course / "submitted/ada/toy"
    home.mkdir(parents=True)
    (home / "timestamp.txt").write_text("2099-01-01 00:00:00 UTC\n")
    make(zips, named("ada"))
    (problem,) = collect(zips, course).unplaced
    assert "submitted/ada/toy/timestamp.txt says 2099-01-01 UTC" in problem


def test_of_two_at_the_same_time_a_person_says_which_counts(course, zips):
    for name, content in (("a", b"one"), ("b", b"another")):
        make(zips / name, named("ada"), {"01_toy.ipynb": content})
    outcome = collect(zips, course)
    assert submitted(course) == {}
    assert ["the very same time" in problem for problem in outcome.unplaced] == [True, True]
    make(zips, named("ada", TIMES[1]), {"01_toy.ipynb": b"later"})
    assert collect(zips, course).unplaced == []
    assert submitted(course) == {"ada/toy/01_toy.ipynb": b"later"}


def test_the_same_zip_twice_is_no_question(course, zips):
    for name in ("a", "b"):
        make(zips / name, named("ada"))
    outcome = collect(zips, course)
    assert (len(outcome.placed), len(outcome.kept), outcome.unplaced) == (1, 1, [])


def test_names_are_compared_with_the_class_list_and_each_other(course, zips):
    release(course, "toy").close()
    (course / "list.csv").write_text("id\nada\nbob\neve\n")
    assert students.main(course / "list.csv", course) == 0
    for student in ("ada", "Ada", "EVE", "zoe"):
        make(zips, named(student))
    outcome = collect(zips, course)
    assert outcome.doubts == [
        "'Ada' and 'ada' look like one person",
        "'Ada' is not in the class list, which has 'ada': if that is who it is, rename the zip",
        "'EVE' is not in the class list, which has 'eve': if that is who it is, rename the zip",
        "'zoe' is not in the class list",
    ]
    assert outcome.absent == ["bob: toy", "eve: toy"]


# What cannot be placed


def armed(name, mode=None, content=b"x"):
    info = zipfile.ZipInfo(name)
    if mode is not None:
        info.external_attr = mode << 16
    return {info: content}


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"../../../evil.ipynb": b""}, "a path that leads out of it: ../../../evil.ipynb"),
        ({"/etc/01_toy.ipynb": b""}, "a path that leads out of it"),
        ({"a\\..\\..\\01_toy.ipynb": b""}, "a path that leads out of it"),
        (armed("01_toy.ipynb", stat.S_IFLNK | 0o777, b"/etc/passwd"), "a link instead of a file"),
        ({"a/01_toy.ipynb": b"", "b/01_toy.ipynb": b""}, "holds 01_toy.ipynb twice"),
        ({"01_toy.ipynb": b" " * 21_000_000}, "more than 20,000,000 bytes when unpacked"),
        ({f"{n}.txt": b"" for n in range(1001)}, "holds 1,001 files; at most 1,000"),
        ({"inner.zip": b""}, "holds no lab of toy, only inner.zip; it holds zips: unpack it first"),
        ({}, "holds no lab of toy, only nothing"),
    ],
    ids=["climbs", "absolute", "backslashes", "link", "twice", "bomb", "many", "nested", "empty"],
)
def test_zips_that_could_do_harm_are_refused_and_the_others_placed(files, why, course, zips):
    make(zips, named("mallory", TIMES[2]), files)
    make(zips, named("ada"))
    before = {path for path in course.parent.rglob("*") if "submitted" not in path.parts}
    (problem,) = (outcome := collect(zips, course)).unplaced
    assert why in problem
    assert outcome.placed == [f"ada: {named('ada')}"]
    assert set(submitted(course)) == {f"ada/toy/{name}" for name in LABS}
    assert {path for path in course.parent.rglob("*") if "submitted" not in path.parts} == before


def test_a_bomb_whose_header_lies_is_read_no_further_than_the_limit(course, zips):
    path = make(zips, named("mallory"), {"01_toy.ipynb": b"\0" * 40_000_000})
    content = path.read_bytes()
    size = (40_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    assert len(collect(zips, course).unplaced) == 1
    assert submitted(course) == {}


def test_a_zip_that_lists_many_files_is_not_opened(course, zips, monkeypatch):
    path = make(zips, named("mallory"), {"01_toy.ipynb": b"x"})
    content = path.read_bytes()
    begin, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    listed = content[begin:end] * 30_000
    size = len(listed).to_bytes(4, "little")
    path.write_bytes(
        content[:begin] + listed + content[end : end + 12] + size + content[end + 16 :]
    )
    make(zips, named("ada"))
    opened = []

    class Counted(zipfile.ZipFile):
        def __init__(self, file, *how):
            super().__init__(file, *how)
            opened.append(len(self.infolist()))

    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    outcome = collect(zips, course)
    assert "lists 30,000 files; at most 1,000" in outcome.unplaced[0]
    assert outcome.placed == [f"ada: {named('ada')}"]
    assert max(opened) < 10


def test_an_encrypted_zip_is_refused(course, zips):
    path = make(zips, named("ada"))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(signature, start + 1)) >= 0:
            content[start + offset] |= 1
    path.write_bytes(content)
    assert collect(zips, course).unplaced == [f"{path.name}: is encrypted"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("homework.zip", "whose it is; rename it ASSIGNMENT--NAME--TIME.zip, as in toy--NAME"),
        ("toy--ada.zip", "its name does not say whose it is"),
        ("other--ada--20251101T120000Z.zip", "is that of another assignment than toy"),
        ("toy--ada--20251340T990000Z.zip", "has no such time as 20251340T990000Z"),
        ("toy--..--20251101T120000Z.zip", "begins or ends with a dot or hyphen"),
        ("toy--a+b--20251101T120000Z.zip", "contains '+'"),
        ("toy--[a]--20251101T120000Z.zip", "contains '['"),
        ("toy--con--20251101T120000Z.zip", "is a device of Windows"),
        ("toy--ada--20251101T120000Z.rar", "is no zip"),
    ],
)
def test_names_that_say_too_little_are_told(name, why, course, zips):
    make(zips, name)
    (problem,) = collect(zips, course).unplaced
    assert why in problem
    assert submitted(course) == {}


def test_files_that_are_no_zips_and_links_are_told(course, zips):
    (zips / named("ada")).write_text("not a zip at all")
    (zips / named("bob")).symlink_to(make(course, "elsewhere.zip"))
    first, second = collect(zips, course).unplaced
    assert "cannot be unpacked: File is not a zip file" in first
    assert second.endswith("is a link, not a file")


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_damaged_zip_is_placed_or_told_and_never_stops_the_others(data, course, zips):
    shutil.rmtree(course / "submitted", ignore_errors=True)
    path = make(zips, named("eve"))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2]))])
    make(zips, named("ada"))
    outcome = collect(zips, course)
    assert f"ada: {named('ada')}" in outcome.placed
    assert len(outcome.placed) + len(outcome.unplaced) == 2
    assert {name.split("/")[0] for name in submitted(course)} <= {"ada", "eve"}


# The command, and nbgrader's own


def test_the_command_tells_every_file_and_fails_if_one_needs_a_person(course, zips):
    make(zips, named("ada", TIMES[0]))
    make(zips, named("ada", TIMES[1]))
    console = Console(record=True, file=io.StringIO())
    assert module.main(zips, course, console) == 0
    make(zips, "homework.zip")
    assert module.main(zips, course, console) == 1
    assert module.main(course / "nowhere", course, console) == 1
    printed = console.export_text()
    for told in ("1 in submitted/", "2 passed over for a later one", "1 not placed", "no folder"):
        assert told in printed


def test_collected_work_is_graded_and_zip_collect_understands_the_same_files(
    course, nbgrader, zips, toy_lab
):
    nbgrader("generate_assignment", "toy")
    released = nbformat.read(course / "release/toy/01_toy.ipynb", as_version=4)
    answered = nbformat.writes(fill_in(released, toy_lab)).encode()
    make(zips, named("Zoë Ångström"), {"labs/01_toy.ipynb": answered})
    assert collect(zips, course).unplaced == []
    nbgrader("autograde", "toy")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        graded = gradebook.find_submission("toy", "Zoë Ångström")
        assert sum(notebook.score for notebook in graded.notebooks) == 6

    make(course / "downloaded/toy/archive", named("bob"), {"01_toy.ipynb": answered})
    nbgrader("zip_collect", "toy")
    assert (course / "submitted/bob/toy/01_toy.ipynb").read_bytes() == answered
    assert "2025-11-01 12:00" in (course / "submitted/bob/toy/timestamp.txt").read_text()


# Packing


def notebook(source):
    marks = {"nbgrader": {"grade_id": "measure", "solution": True}}
    return nbformat.writes(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, metadata=marks)])
    )


@pytest.fixture
def kit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labs").mkdir()
    shutil.copy(ROOT / "modules/17_compression/assignment.toml", tmp_path / "labs")
    for name in assignment.read(tmp_path / "labs").labs:
        (tmp_path / "labs" / f"{name}.ipynb").write_text(notebook("def measure(): ..."))
    return tmp_path


def test_packed_labs_can_be_collected(kit, course, capsys):
    assert main(["Zoë"]) == 0
    (archive,) = kit.glob("*.zip")
    assert f"packed 8 labs: upload {archive.name} as it is" in capsys.readouterr().out
    source = course / "modules" / "17_compression"
    shutil.copytree(kit / "labs", source)
    folder = course / "zips"
    folder.mkdir()
    shutil.copy(archive, folder)
    outcome = collect(folder, course)
    assert outcome.placed == [f"Zoë: {archive.name}"]
    assert len(submitted(course)) == 8


def test_missing_and_unfinished_labs_are_told_and_packed(kit):
    (kit / "labs/02_magnitude_pruning.ipynb").unlink()
    stub = 'raise NotImplementedError("replace this line with your code")'
    (kit / "labs/01_sparsity.ipynb").write_text(notebook(stub))
    archive, remarks = pack("ada")
    assert remarks == [
        "02_magnitude_pruning.ipynb is missing",
        "01_sparsity.ipynb is not finished: measure",
    ]
    assert len(zipfile.ZipFile(archive).namelist()) == 7


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is not a readable notebook"),
        ("[]", "is not a readable notebook"),
        (json.dumps({"cells": [None]}), "is not a readable notebook"),
        (" " * 20_000_001, "has 20,000,001 bytes; at most 20,000,000 can be handed in. Clear"),
    ],
)
def test_a_lab_that_cannot_be_graded_is_not_packed(content, why, kit):
    (kit / "labs/03_sparse_training.ipynb").write_text(content)
    with pytest.raises(SubmitError, match=f"03_sparse_training.ipynb {why}"):
        pack("ada")
    assert [path.name for path in kit.iterdir()] == ["labs"]


ODD = {
    "byte-order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "no text": lambda text: text.encode().replace(b"QQ", b"\xff"),
    "version 3": lambda text: f'{{"worksheets": [{text}]}}'.encode(),
    "odd cells": lambda text: json.dumps(
        {"cells": [{}, None, {"metadata": None, "source": 3}, *json.loads(text)["cells"]]}
    ).encode(),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_can_be_graded_is_packed_as_it_is(odd, kit):
    lab = kit / "labs/03_sparse_training.ipynb"
    content = ODD[odd](notebook('raise NotImplementedError("QQ")'))
    lab.write_bytes(content)
    archive, remarks = pack("ada")
    assert remarks == ["03_sparse_training.ipynb is not finished: measure"]
    assert zipfile.ZipFile(archive).read(lab.name) == content


def test_a_notebook_that_is_not_packed_is_told(kit):
    (kit / "labs/mine/.ipynb_checkpoints").mkdir(parents=True)
    for name in ("01_sparsity-Copy1", "mine/02 (1)", "mine/.ipynb_checkpoints/02-checkpoint"):
        shutil.copy(kit / "labs/01_sparsity.ipynb", kit / f"labs/{name}.ipynb")
    archive, remarks = pack("ada")
    assert remarks == [
        "01_sparsity-Copy1.ipynb is not the name of a lab: it is not packed",
        "mine/02 (1).ipynb is not the name of a lab: it is not packed",
    ]
    assert len(zipfile.ZipFile(archive).namelist()) == 8


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_zip_is_written_whole_or_not_at_all(error, kit, monkeypatch):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(zipfile.ZipFile, "write", fail)
    with pytest.raises(
        (SubmitError, KeyboardInterrupt), match="nothing was packed. .*the disk is full|^$"
    ):
        pack("ada")
    assert [path.name for path in kit.iterdir()] == ["labs"]


def test_a_folder_without_labs_and_a_bad_name_are_told(kit, capsys):
    assert main(["ada", "elsewhere"]) == 1
    assert main(["a/b"]) == 1
    told = capsys.readouterr().err
    assert "there is no lab in elsewhere/" in told
    assert "the name 'a/b' contains '/'" in told


def test_labs_that_do_not_say_what_they_are_and_others_are_told(kit):
    (kit / "labs/assignment.toml").unlink()
    with pytest.raises(SubmitError, match="there is no assignment.toml in labs/.*kit's zip again"):
        pack("ada")
    shutil.copy(ROOT / "modules/17_language_models/assignment.toml", kit / "labs")
    with pytest.raises(SubmitError, match=r"is a lab of 17_language_models; .* 09_what_is_forg"):
        pack("ada")
    assert [path.name for path in kit.iterdir()] == ["labs"]


def test_a_lab_from_before_there_were_zips_is_packed(kit):
    os.utime(kit / "labs/01_sparsity.ipynb", (0, 0))  # as some systems date all files
    assert pack("ada")[1] == []


NO_NAMES = {
    "for files": ["", " ", "a--b", ".ada", "ada-", "a" * 81, "a\nb", "a\\b", "a/b", "a\tb"],
    "for patterns, lists and tables": ["[a]", "a*", "a?", "a{b}", "a,b", "a;b", '"a"', "=a"],
    "on Windows": ["con", "NUL.txt", "Com1", "a:b", "a|b", "<a>"],
    "to be seen": ["a\u200bb", "a\u202eb", "a\u00a0b", "\ud800", "\x1b[2J"],
    "as long as a file's": ["\N{CJK UNIFIED IDEOGRAPH-674E}" * 60],
}


@pytest.mark.parametrize("name", [name for names in NO_NAMES.values() for name in names])
def test_names_that_nothing_can_have_are_refused(name, kit):
    with pytest.raises(SubmitError, match="use the name or number"):
        pack(name)
