"""A group hands in once: each of its members is graded, and gets the page and the points."""

import csv
import io
import json
import zipfile

import pytest

from autograders import commands
from autograders.platforms.canvas import CANVAS
from autograders.platforms.collect import collect
from autograders.platforms.give_back import give_back
from autograders.platforms.ilias import ILIAS
from autograders.platforms.moodle import MOODLE
from autograders.platforms.table import TableError
from autograders.tests.synthetic_class import release
from autograders.tests.test_round_trip import (
    CLASS,
    Canvas,
    Moodle,
    enter,
    grade,
    own,
    pack,
    submitted,
    write_page,
)

LABS = {"01_toy": b"ours 1", "02_toy": b"ours 2"}
ALL = {"ada": {}, "jd": {}, "zoe": {}}
# The group "Team_1 & co" is ada, jd and zoe; max1 is in another one, max2 in none.
OWN = "group,id\nTeam_1 & co,ada\nTeam_1 & co,jd\nTeam_1 & co,zoe\nOther,max1\n"
CANVAS_OWN = """name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id
"Lovelace, Ada",4711,Sada,ada,A,Team_1 & co,17,
"d'Arc, Jeanne",4712,Sjd,jd,A,Team_1 & co,17,
Zoe,4713,Szoe,zoe,A,Team_1 & co,17,
"Muster_mann, Max",4714,S,max1,A,Other,18,
"Muster_mann, Max",4715,S,max2,A,,,
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Group,Grade,Maximum Grade
Participant 101,Ada Lovelace,ada@example.org,Submitted,Team_1 & co,,10.00
Participant 102,Jeanne d'Arc,jeanne@example.org,Submitted,Team_1 & co,,10.00
Participant 103,Zoe M,zoe@example.org,Submitted,Team_1 & co,,10.00
Participant 104,Max Muster_mann,max1@example.org,No submission,Other,,10.00
"""
DOWNLOADS = {
    "moodle": "Team 1 co_301_assignsubmission_file/{}.ipynb",
    "canvas": "team_1co_4712_90{}_{}.ipynb",
    "ilias": "Lab/Submissions/Team 7/d_Arc_Jeanne_jd_4712/{}.ipynb",
}


@pytest.fixture
def listed(course):
    release(course, "toy").close()
    enter(course, CLASS)
    return course


def download(platform):
    return {
        DOWNLOADS[platform].replace("90{}", f"90{n}").format(lab): text
        for n, (lab, text) in enumerate(LABS.items())
    }


@pytest.mark.parametrize("platform", DOWNLOADS)
@pytest.mark.parametrize("table", [OWN, CANVAS_OWN, WORKSHEET])
def test_what_one_hands_in_counts_for_all(platform, table, listed):
    (listed / "groups.csv").write_text(table)
    source = pack(listed / "download.zip", download(platform))
    outcome = collect(source, listed, groups=listed / "groups.csv")
    assert outcome.unplaced == []
    assert submitted(listed) == {
        f"{name}/toy/{lab}.ipynb": text for name in ALL for lab, text in LABS.items()
    }
    assert sorted(outcome.absent) == ["max1: toy", "max2: toy"]


def test_who_hands_in_alone_is_left_alone(listed):
    (listed / "groups.csv").write_text(OWN)
    mine = {name.replace("4712", "4711").replace("d_Arc_Jeanne_jd", "Lovelace_Ada_ada"): b"mine"
            for name in download("ilias")}  # fmt: skip
    alone = {name.replace("4712", "4714").replace("d_Arc_Jeanne_jd", "Muster_mann_Max_max1"): b"one"
             for name in download("ilias")}  # fmt: skip
    source = pack(listed / "download.zip", download("ilias") | mine | alone)
    outcome = collect(source, listed, groups=listed / "groups.csv")
    found = submitted(listed)
    assert found["ada/toy/01_toy.ipynb"] == b"mine"
    assert found["jd/toy/01_toy.ipynb"] == b"ours 1"
    assert found["max1/toy/01_toy.ipynb"] == b"one"
    # zoe has nothing of her own, and her group two that were packed at once: for a person
    assert "zoe/toy/01_toy.ipynb" not in found
    assert any("zoe handed in something else at the very same time" in o for o in outcome.unplaced)


def test_without_a_table_a_group_is_for_a_person(listed):
    source = pack(listed / "download.zip", download("moodle"))
    (problem,) = collect(source, listed).unplaced
    assert "--groups" in problem


def test_the_next_download_knows_who_is_who(listed):
    (listed / "groups.csv").write_text(OWN)
    source = pack(listed / "download.zip", download("moodle"))
    collect(source, listed, groups=listed / "groups.csv")
    known = json.loads((listed / "collected" / "toy.json").read_text())["students"]
    assert {name: one["key"] for name, one in known.items()} == dict.fromkeys(ALL, "")
    again = collect(source, listed, groups=listed / "groups.csv")
    assert len(again.kept) == 3
    assert again.unplaced == []


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("a,b\n1,2\n", "that is no table of groups"),
        ("group,id\nRed,ada\nBlue,ada\n", "'ada' is in two groups"),
        ("group,id\nRed_1,ada\nRed 1,jd\n", "two groups are called"),
    ],
)
def test_a_table_that_is_uncertain_is_told(table, why, listed):
    (listed / "groups.csv").write_text(table)
    source = pack(listed / "download.zip", download("moodle"))
    with pytest.raises(TableError, match=why):
        collect(source, listed, groups=listed / "groups.csv")
    assert submitted(listed) == {}


def test_rows_of_nobody_are_told(listed):
    (listed / "groups.csv").write_text(OWN + "Other,nobody\n")
    source = pack(listed / "download.zip", download("canvas"))
    outcome = collect(source, listed, groups=listed / "groups.csv")
    assert any("Other: nobody is nobody in the class list" in doubt for doubt in outcome.doubts)


def returned(listed, platform, way, file):
    (listed / "groups.csv").write_text(OWN)
    source = pack(listed / "download.zip", download(platform.name))
    collect(source, listed, groups=listed / "groups.csv")
    grade(listed, ALL)
    for student in ALL:
        for lab in LABS:
            write_page(listed, student, lab)
    return give_back("toy", platform, file, listed / "out", listed)


def test_each_member_gets_grade_and_page_on_moodle(listed):
    way = Moodle()
    made = returned(listed, MOODLE, way, way.export(listed / "export.csv", "20"))
    scores = way.scores(made.files[0])
    assert {name: float(scores[name]) for name in ALL} == dict.fromkeys(ALL, 20)
    with zipfile.ZipFile(made.files[1]) as archive:
        assert way.feedback(archive).keys() == ALL.keys()


def test_canvas_gets_a_page_once_for_all(listed):
    way = Canvas()
    (listed / "pages").mkdir()
    made = returned(listed, CANVAS, way, way.export(listed / "export.csv", "20"))
    scores = way.scores(made.files[0])
    assert {name: float(scores[name]) for name in ALL} == dict.fromkeys(ALL, 20)
    with zipfile.ZipFile(made.files[1]) as archive:
        assert sorted(archive.namelist()) == sorted(download("canvas"))
    assert len(made.unpacked) == 4  # the test's pages have the student's name in them
    assert all("is that of their whole group" in said for said in made.unpacked)


def structure(listed, table):
    folders = ["Lovelace_Ada_ada_4711", "d_Arc_Jeanne_jd_4712", "Mueller_Zoe_zoe_4713"]
    files = {f"Multi_Feedback_Lab_7/Team_7/{name}/x.ipynb": b"" for name in folders}
    return pack(listed / "mf.zip", files | {"Multi_Feedback_Lab_7/status.csv": table})


TEAMS = "update,team_id,logins,status,mark,notice,comment,plagiarism,plag_comment\n"
USERS = (
    "update,usr_id,login,lastname,firstname,status,mark,notice,comment,plagiarism,plag_comment\n"
)


@pytest.mark.parametrize(
    ("table", "marks"),
    [
        (TEAMS + '0,7,"ada, jd, zoe",notgraded,,,,,\n0,8,max1,notgraded,,,,,\n', ["20", ""]),
        (
            USERS
            + "0,4711,ada,L,A,notgraded,,,,\n0,4712,jd,d,J,passed,1,,,\n0,4714,m,M,M,failed,,,,\n",
            ["20", "20", ""],
        ),
    ],
)
def test_ilias_with_its_plugin_takes_marks_back(table, marks, listed):
    made = returned(listed, ILIAS, None, structure(listed, table))
    with zipfile.ZipFile(made.files[1]) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(NAME).decode())))
        pages = [name for name in archive.namelist() if name.endswith(".html")]
    assert [row["mark"] for row in rows] == marks
    assert [row["update"] for row in rows] == ["1" if mark else "0" for mark in marks]
    assert [row["status"] for row in rows] == [
        row["status"] for row in csv.DictReader(io.StringIO(table))
    ]
    assert len(pages) == 6
    assert all(name.startswith("Multi_Feedback_Lab_7/Team_7/") for name in pages)


NAME = "Multi_Feedback_Lab_7/status.csv"


def test_the_command_takes_a_table_of_groups(listed, monkeypatch, capsys):
    (listed / "groups.csv").write_text(OWN)
    pack(listed / "download.zip", {"Team 1 co_301_assignsubmission_file_/all.zip": own(
        {lab: text.decode() for lab, text in LABS.items()})})  # fmt: skip
    monkeypatch.chdir(listed)
    assert commands.main(["collect", "download.zip", "--groups", "groups.csv"]) == 0
    assert len(submitted(listed)) == 6
    assert commands.main(["collect", "download.zip", "--groups", "nowhere.csv"]) == 1
    assert "there is no table nowhere.csv" in capsys.readouterr().out
