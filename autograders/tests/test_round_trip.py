"""Hand-ins from a platform, and grades and feedback back to it: what goes out comes in again.

Each sample is written as the platform's own source or documents say, and read back as they say that
the platform does (see ``autograders/platforms``); none comes from a platform.
"""

import csv
import io
import json
import re
import shutil
import stat
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograders import commands, students
from autograders.layout import LayoutError
from autograders.platforms import collect as collecting
from autograders.platforms import give_back as returning
from autograders.platforms.blackboard import BLACKBOARD
from autograders.platforms.canvas import CANVAS
from autograders.platforms.collect import collect
from autograders.platforms.give_back import ReturnError, give_back
from autograders.platforms.ilias import ILIAS
from autograders.platforms.moodle import MOODLE
from autograders.platforms.record import RecordError
from autograders.platforms.table import TableError
from autograders.tests.synthetic_class import hand_in, release

# id, first and last name, address, number on the platform, login there
CLASS = [
    ("ada", "Ada", "Lovelace", "ada@example.org", "4711", "ada"),
    ("jd", "Jeanne", "d'Arc", "jeanne@example.org", "4712", "jd"),
    ("zoe", "Zoë", "Müller-Lüdenscheidt", "zoe@example.org", "4713", "zoe"),
    ("max1", "Max", "Muster_mann", "max1@example.org", "4714", "max1"),
    ("max2", "Max", "Muster_mann", "max2@example.org", "4715", "max_2"),
]
PACKED = datetime(2026, 11, 23, 15, 45)


@pytest.fixture
def listed(course):
    """Return a course with the class list and the assignment in its gradebook."""
    release(course, "toy").close()
    enter(course, CLASS)
    return course


def enter(course, people, lms=4):
    head = ("id", "first_name", "last_name", "email", "lms_user_id")
    with (course / "list.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *([*row[:4], row[lms]] for row in people)])
    assert students.main(course / "list.csv", course, Console(quiet=True)) == 0


def pack(path, files, packed=PACKED):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for inside, content in files.items():
            info = inside if isinstance(inside, zipfile.ZipInfo) else zipfile.ZipInfo(inside)
            if info.date_time[0] == 1980:
                info.date_time = packed.timetuple()[:6]
            zipped.writestr(info, content)
    return path


def own(labs):
    """Return a zip that a student made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        for name, text in labs.items():
            zipped.writestr(f"{name}.ipynb", text)
    return content.getvalue()


def submitted(course):
    home = course / "submitted"
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*.ipynb")}


def stamp(course, student):
    path = course / "submitted" / student / "toy" / "timestamp.txt"
    return path.read_text() if path.exists() else None


# What each platform gives and takes back, for one class. `hand_ins` has labs by student; `place`
# is where somebody stands in the class list.


class Canvas:
    platform = CANVAS

    def file(self, place, lab, late=False, again=0):
        _, first, last, _, number, _ = CLASS[place]
        name = "".join(c for c in (last + first).lower() if c.isalnum() or c == "_")
        suffix = f"-{again}" if again else ""
        return f"{name}{'_LATE' * late}_{number}_{900 + 10 * place + again}_{lab}{suffix}.ipynb"

    def download(self, hand_ins):
        return {
            self.file(place, lab): text
            for place, labs in hand_ins.items()
            for lab, text in labs.items()
        }

    def export(self, path, most="10"):
        rows = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "toy (55)", "other (56)"],
            ["    Points Possible", "", "", "", "", most, "3.00"],
        ]
        for id_, first, last, _, number, login in CLASS:
            rows.append([f"{last}, {first}", number, f"S{id_}", login, "A and B", "", "1.00"])
        rows.append(["Student, Test", "9999", "", "0815", "A", "", ""])
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return path

    def scores(self, path):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        assert rows[1][0].strip() == "Points Possible"
        numbers = {row[4]: row[0] for row in CLASS}
        return {numbers[row[1]]: row[5] for row in rows[2:] if row[1] in numbers}

    def feedback(self, archive):
        """Read as Canvas: the first two parts that are numbers."""
        found = {}
        for name in archive.namelist():
            user, file = [part for part in name.split("_") if part.isdecimal()][:2]
            (place,) = [i for i, row in enumerate(CLASS) if row[4] == user]
            assert 900 + 10 * place <= int(file) < 910 + 10 * place
            shown = nbformat.reads(archive.read(name), as_version=4)
            nbformat.validate(shown)
            for cell in shown.cells:
                lab = cell.source.removeprefix("# Feedback on ")
                html = cell.outputs[0].data["text/html"]
                found.setdefault(CLASS[place][0], {})[lab] = f"<body>{html}</body>".encode()
        return found


class Moodle:
    platform = MOODLE
    folder = "{}_{}_assignsubmission_file_"

    def name(self, place):
        _, first, last, *_ = CLASS[place]
        return f"{first} {last}".replace("_", " ").replace("'", "")

    def download(self, hand_ins):
        return {
            f"{self.folder.format(self.name(place), 100 + place)}/{lab}.ipynb": text
            for place, labs in hand_ins.items()
            for lab, text in labs.items()
        }

    def export(self, path, most="10.00"):
        head = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed"
        head += ",Last modified (submission),Last modified (grade),Feedback comments"
        rows = [head.split(",")]
        for place, (_, first, last, email, *_) in enumerate(CLASS):
            time = "Monday, 23 November 2026, 3:05 PM"
            row = [f"Participant {100 + place}", f"{first} {last}", email, "Submitted for grading"]
            rows.append([*row, "", most, "Yes", time, "-", "kept,\nas it is"])
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        path.write_bytes(text.getvalue().encode("utf-8-sig"))
        return path

    def scores(self, path):
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert all(row[9] == "kept,\nas it is" for row in rows[1:])
        return {CLASS[int(row[0].split()[1]) - 100][0]: row[4] for row in rows[1:]}

    def feedback(self, archive):
        """Read as Moodle: whatever stands first, the number, the plugin; and then the file."""
        found = {}
        for path in archive.namelist():
            folder, name = path.split("/")
            _, number, kind, plugin, rest = folder.split("_", 4)
            assert (kind, plugin, rest) == ("assignsubmission", "file", "")
            lab = name.removesuffix(".html")
            found.setdefault(CLASS[int(number) - 100][0], {})[lab] = archive.read(path)
        return found


class Moodle41(Moodle):
    folder = "{}_{}_assignsubmission_file"


class Blackboard:
    platform = BLACKBOARD

    def file(self, place, rest, time="2026-11-23-15-45-00"):
        return f"Lab_1_{CLASS[place][5]}_attempt_{time}{rest}"

    def download(self, hand_ins):
        files = {}
        for place, labs in hand_ins.items():
            _, first, last, *_, login = CLASS[place]
            about = f"Name: {first} {last} ({login})\nAssignment: Lab_1\nCurrent Grade: \n"
            files[self.file(place, ".txt")] = about
            files |= {self.file(place, f"_{lab}.ipynb"): text for lab, text in labs.items()}
        return files

    def export(self, path, most="10"):
        rows = [
            ["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability"]
            + [f"toy [Total Pts: {most} Score] |123", "Weighted Total [Total Pts: up to 5] |124"]
        ]
        rows += [[r[2], r[1], r[5], "", "2026-11-23 10:00:00", "Yes", "", ""] for r in CLASS]
        text = "\n".join("\t".join(f'"{cell}"' for cell in row) for row in rows)
        path.write_bytes(text.encode("utf-16"))
        return path

    def scores(self, path):
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-16")), delimiter="\t"))
        logins = {row[5]: row[0] for row in CLASS}
        return {logins[row[2]]: row[6] for row in rows[1:]}

    def feedback(self, archive):
        logins = {row[5]: row[0] for row in CLASS}
        found = {}
        for path in archive.namelist():
            login, name = path.split("/")
            found.setdefault(logins[login], {})[name.removesuffix(".html")] = archive.read(path)
        return found


class Ilias:
    platform = ILIAS

    def folder(self, place):
        _, first, last, _, number, login = CLASS[place]
        name = f"{last}_{first}_{login}_{number}".replace("ü", "ue").replace("ë", "e")
        assert name.isascii()
        return name

    def download(self, hand_ins):
        return {
            f"Lab 1/Submissions/{self.folder(place)}/{lab}.ipynb": text
            for place, labs in hand_ins.items()
            for lab, text in labs.items()
        }

    def export(self, path):
        folders = [f"multi_feedback_Lab_1_77/{self.folder(i)}/" for i in range(len(CLASS))]
        return pack(path, dict.fromkeys(folders, b""))

    def scores(self, path):
        rows = list(csv.reader(io.StringIO(path.with_name("grades.csv").read_text())))
        assert all(row[0].endswith(row[0].split("_")[-1]) for row in rows)
        return dict.fromkeys((row[0] for row in CLASS), "") | {row[1]: row[2] for row in rows[1:]}

    def feedback(self, archive):
        """Read as ILIAS: three parts, the second one ending in the number."""
        numbers = {row[4]: row[0] for row in CLASS}
        found = {}
        for path in archive.namelist():
            root, folder, name = path.split("/")
            assert root.startswith("multi_feedback")
            student = numbers[folder.split("_")[-1]]
            found.setdefault(student, {})[name.removesuffix(".html")] = archive.read(path)
        return found


WAYS = pytest.mark.parametrize("way", [Canvas(), Moodle(), Moodle41(), Blackboard(), Ilias()])
HAND_INS = {
    place: {"01_toy": f"{CLASS[place][0]} 1".encode(), "02_toy": f"{CLASS[place][0]} 2".encode()}
    for place in (0, 1, 2, 4)
}


def table_of(way, course):
    """Return the platform's table where it is one that says who is who."""
    return None if way.platform is ILIAS else way.export(course / "table.csv")


@WAYS
def test_what_is_handed_in_is_graded_and_given_back(way, listed):
    if way.platform is BLACKBOARD:  # which knows people by their logins
        enter(listed, CLASS, lms=5)
    source = pack(listed / "download.zip", way.download(HAND_INS))
    outcome = collect(source, listed, table=table_of(way, listed), zone=UTC)
    assert outcome.unplaced == outcome.doubts == outcome.kept == []
    assert submitted(listed) == {
        f"{CLASS[place][0]}/toy/{lab}.ipynb": text
        for place, labs in HAND_INS.items()
        for lab, text in labs.items()
    }
    assert outcome.absent == ["max1: toy"]

    grade(listed, {"ada": {}, "jd": {"counts_zeros_only": ""}, "zoe": {"is_a_fraction": 1.25}})
    pages = {"ada": ("01_toy", "02_toy"), "jd": ("01_toy",), "zoe": ("02_toy",)}
    for student, labs in pages.items():
        for lab in labs:
            write_page(listed, student, lab)
    before = (
        way.export(listed / "export.dat", "20")
        if way.platform is not ILIAS
        else (way.export(listed / "multi_feedback_Lab_1_77.zip"))
    )
    made = give_back("toy", way.platform, before, listed / "out", listed)
    assert made.waiting == ["max2: handed in, and not autograded"]
    assert made.silent == ["max1"]
    assert made.missing == []
    assert len(made.strangers) == (way.platform is CANVAS)  # Canvas' test student
    assert made.unpacked == []
    assert {path.parent for path in made.files} == {listed / "out"}
    scores = {name: text and float(text) for name, text in way.scores(made.files[0]).items()}
    # 20 points are two labs of 10, of which a person gave 4 each
    assert scores == {"ada": 20, "jd": 14, "zoe": 18.5, "max1": "", "max2": ""}
    with zipfile.ZipFile(made.files[1]) as archive:
        assert way.feedback(archive) == {
            student: {lab: page(student, lab) for lab in labs} for student, labs in pages.items()
        }
    assert sorted(path.name for path in (listed / "out").iterdir()) == sorted(
        path.name for path in made.files
    )


def page(student, lab):
    return f"<body><h1>{lab}</h1>\n<p>Zoë & co: {student}</p></body>".encode()


def write_page(course, student, lab):
    path = course / "feedback" / student / "toy" / f"{lab}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page(student, lab))


def grade(course, lost, waiting=(), late=None):
    """Enter what students got in both labs: the checks that are named failed, or got points."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "tinytorch") as gradebook:
        hand_in(
            gradebook,
            "toy",
            {name: dict.fromkeys(("01_toy", "02_toy"), failed) for name, failed in lost.items()},
        )
        for name in lost:
            for notebook in gradebook.find_submission("toy", name).notebooks:
                notebook.late_submission_penalty = (late or {}).get(name)
                for found in notebook.grades:
                    if found.needs_manual_grade and name not in waiting:
                        found.manual_score, found.needs_manual_grade = found.max_score, False
        gradebook.db.commit()


# Late, and again


CANVASED, MOODLED, BLACKBOARDED = Canvas(), Moodle(), Blackboard()
LATER = datetime(2026, 11, 24, 8, 0)


def test_canvas_says_late_and_not_when(listed):
    name = CANVASED.file(0, "01_toy", late=True)
    outcome = collect(pack(listed / "a.zip", {name: b"1"}), listed)
    assert outcome.placed == [f"ada: {name}, without 02_toy, late ('LATE')"]
    (note,) = outcome.notes
    assert note.startswith("Canvas does not say here when something was handed in")
    assert stamp(listed, "ada") is None


def test_what_a_platform_packed_later_counts(listed):
    first = pack(listed / "1.zip", {CANVASED.file(0, "01_toy"): b"first"})
    again = CANVASED.file(0, "01_toy", again=1)
    second = pack(listed / "2.zip", {again: b"second"}, LATER)
    assert len(collect(first, listed).placed) == 1
    (line,) = collect(second, listed).placed
    assert line.endswith("in the place of an earlier one: grade it with --force")
    assert submitted(listed) == {"ada/toy/01_toy.ipynb": b"second"}
    (aside,) = listed.glob("superseded/ada/toy--*/01_toy.ipynb")
    assert aside.read_bytes() == b"first"

    assert collect(second, listed).kept == [f"{again}: submitted/ada/toy/ is the same, kept"]
    (line,) = collect(first, listed).kept
    assert line.endswith("was packed as late or later, kept")
    known = json.loads((listed / "collected/toy.json").read_text())["students"]["ada"]
    assert known["labels"] == {"01_toy": again}


def test_of_two_downloads_in_a_folder_the_later_one_counts(listed):
    folder = listed / "downloads"
    pack(folder / "b.zip", {CANVASED.file(0, "01_toy"): b"first"})
    pack(folder / "a.zip", {CANVASED.file(0, "01_toy", again=1): b"second"}, LATER)
    outcome = collect(folder, listed)
    assert submitted(listed) == {"ada/toy/01_toy.ipynb": b"second"}
    assert outcome.kept == [f"b.zip/{CANVASED.file(0, '01_toy')}: ada handed in again"]


def test_two_that_were_packed_at_once_are_for_a_person(listed):
    folder = listed / "downloads"
    pack(folder / "b.zip", {CANVASED.file(0, "01_toy"): b"one"})
    pack(folder / "a.zip", {CANVASED.file(0, "01_toy"): b"another"})
    outcome = collect(folder, listed)
    assert submitted(listed) == {}
    assert ["the very same time" in line for line in outcome.unplaced] == [True, True]


def test_of_several_attempts_the_latest_counts_with_its_time(listed):
    enter(listed, CLASS, lms=5)
    hand_ins = {
        BLACKBOARDED.file(0, "_01_toy.ipynb", "2026-11-23-15-45-00"): b"first",
        BLACKBOARDED.file(0, "_01_toy.ipynb", "2026-11-24-09-30-00"): b"second",
        BLACKBOARDED.file(0, ".txt", "2026-11-23-15-45-00"): b"Name: Ada Lovelace (ada)\n",
        BLACKBOARDED.file(0, ".txt", "2026-11-24-09-30-00"): b"Name: Ada Lovelace (ada)\n",
    }
    source = pack(listed / "a.zip", hand_ins)
    outcome = collect(source, listed, zone=ZoneInfo("Europe/Berlin"))
    assert submitted(listed) == {"ada/toy/01_toy.ipynb": b"second"}
    assert stamp(listed, "ada") == "2026-11-24 08:30:00.000000 UTC\n"
    assert len(outcome.kept) == 1


def test_a_platforms_time_to_come_is_for_a_person(listed):
    name = "Lab 1_ada_attempt_2099-11-24-09-30-00_01_toy.ipynb"
    (line,) = collect(pack(listed / "a.zip", {name: b""}), listed).unplaced
    assert "Blackboard says 2099-11-24 09:30:00, which is still to come" in line
    assert "--timezone" in line


def test_a_worksheet_in_english_says_when(listed):
    source = pack(listed / "a.zip", MOODLED.download(HAND_INS))
    table = MOODLED.export(listed / "worksheet.csv")
    assert collect(source, listed, table=table, zone=ZoneInfo("Europe/Berlin")).notes == []
    assert stamp(listed, "ada") == "2026-11-23 14:05:00.000000 UTC\n"


def test_a_hand_in_without_a_time_and_one_with_it_are_for_a_person(listed):
    named = "toy--ada--20251101T120000Z.zip"
    folder = listed / "downloads"
    pack(folder / named, {"01_toy.ipynb": b"one"})
    pack(folder / "canvas.zip", {CANVASED.file(0, "01_toy"): b"another"})
    outcome = collect(folder, listed)
    assert submitted(listed) == {}
    assert ["some has a time and some has none" in line for line in outcome.unplaced] == [True] * 2
    (folder / "canvas.zip").unlink()
    assert len(collect(folder, listed).placed) == 1
    pack(folder / "canvas.zip", {CANVASED.file(0, "01_toy"): b"another"})
    (folder / named).unlink()
    (line,) = collect(folder, listed).unplaced
    assert "is of 2025-11-01 12:00:00 UTC, and this has none: nobody can tell" in line
    pack(folder / "canvas.zip", {CANVASED.file(0, "01_toy"): b"one"})
    assert collect(folder, listed).unplaced == []  # it is the same


def test_work_without_a_time_gives_way_to_none_with_one(listed):
    collect(pack(listed / "a.zip", {CANVASED.file(0, "01_toy"): b"one"}), listed)
    pack(listed / "zips/toy--ada--20251101T120000Z.zip", {"01_toy.ipynb": b"two"})
    (line,) = collect(listed / "zips", listed).unplaced
    assert "has no time stamp, and this has one: nobody can tell which is later" in line


# Whose it is


def test_two_of_the_same_name_are_told_apart_by_the_table_alone(listed):
    source = pack(listed / "a.zip", MOODLED.download(HAND_INS))
    (line,) = collect(source, listed).unplaced
    assert "may be 'max1' or 'max2', who have the same name: give its table" in line
    assert not (listed / "submitted/max2").exists()
    collect(source, listed, table=MOODLED.export(listed / "table.csv"))
    assert (listed / "submitted/max2").exists()
    new = MOODLED.download({4: {"01_toy": b"new"}})
    again = pack(listed / "b.zip", new, LATER)
    known = collect(again, listed)  # who that is, is known now
    assert "max2" in str(known.unplaced)  # it had a time before, and has none now
    assert "may be" not in str(known.unplaced)


def test_a_zip_whose_name_says_it_all_is_compared_with_the_platform(listed):
    def name(place, student):
        _, first, last, _, number, _ = CLASS[place]
        return f"{(last + first).lower()}_{number}_90{place}_toy--{student}--20251101T120000Z.zip"

    hand_ins = {name(0, "ada"): own(HAND_INS[0]), name(0, "jd"): own(HAND_INS[0])}
    outcome = collect(pack(listed / "a.zip", hand_ins), listed)
    (line,) = outcome.unplaced
    assert "its name says 'jd', and Canvas 'ada'" in line
    assert [line.split(":")[0] for line in outcome.placed] == ["ada"]
    assert stamp(listed, "ada") == "2025-11-01 12:00:00.000000 UTC\n"

    grade(listed, {"ada": {}})
    write_page(listed, "ada", "01_toy")
    made = give_back("toy", CANVAS, CANVASED.export(listed / "t.csv", "20"), listed / "out", listed)
    with zipfile.ZipFile(made.files[1]) as archive:
        assert archive.namelist() == [name(0, "ada")]
        with zipfile.ZipFile(io.BytesIO(archive.read(name(0, "ada")))) as inner:
            assert inner.namelist() == ["01_toy.html"]


def test_without_a_class_list_nobody_is_guessed(course):
    release(course, "toy").close()
    (line,) = collect(pack(course / "a.zip", {CANVASED.file(0, "01_toy"): b""}), course).unplaced
    assert "there is no class list; enter one with python -m autograders students FILE" in line


def test_a_name_in_the_class_list_that_leads_elsewhere_is_none(listed):
    with Gradebook(f"sqlite:///{listed / 'gradebook.db'}", "tinytorch") as gradebook:
        gradebook.add_student("../eve", lms_user_id="99")
    source = pack(listed / "a.zip", {"eve_99_1_01_toy.ipynb": b""})
    (line,) = collect(source, listed).unplaced
    assert "is '../eve' in the class list: the name '../eve' contains '/'" in line
    assert submitted(listed) == {}


def test_participants_without_names_can_be_in_the_class_list_as_such(listed):
    enter(listed, [("Participant 7", "", "", "", "", "")])
    name = "Participant_7_assignsubmission_file_/01_toy.ipynb"
    assert collect(pack(listed / "a.zip", {name: b""}), listed).unplaced == []
    grade(listed, {"Participant 7": {}})
    write_page(listed, "Participant 7", "01_toy")
    sheet = listed / "t.csv"
    sheet.write_text(
        "Identifier,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)\n"
        "Participant 7,Submitted for grading,,20.00,Yes,-\n"
    )
    made = give_back("toy", MOODLE, sheet, listed / "out", listed)
    assert made.graded == ["Participant 7: 20"]
    with zipfile.ZipFile(made.files[1]) as archive:
        assert archive.namelist() == ["Participant_7_assignsubmission_file_/01_toy.html"]


# Which assignment, and what cannot be used


def test_of_which_assignment_it_is_has_to_be_said_where_there_are_several(listed):
    shutil.copytree(listed / "modules/toy", listed / "modules/toy_two")
    source = pack(listed / "a.zip", {CANVASED.file(0, "01_toy"): b""})
    with pytest.raises(LayoutError, match="say which assignment: toy or toy_two, with --assign"):
        collect(source, listed)
    with pytest.raises(LayoutError, match="the assignments are: toy, toy_two"):
        collect(source, listed, assignment="toy_three")
    collect(source, listed, assignment="toy_two")
    assert list(submitted(listed)) == ["ada/toy_two/01_toy.ipynb"]
    pack(listed / "zips/toy--ada--20251101T120000Z.zip", {"01_toy.ipynb": b"two"})
    (line,) = collect(listed / "zips", listed, assignment="toy_two").unplaced
    assert "that of another assignment than toy_two" in line


def test_tables_and_records_that_cannot_be_used_are_told(listed):
    source = pack(listed / "a.zip", {CANVASED.file(0, "01_toy"): b""})
    with pytest.raises(FileNotFoundError, match="there is no table"):
        collect(source, listed, table=listed / "nowhere.csv")
    (listed / "t.csv").write_text("a,b\n")
    with pytest.raises(TableError, match="no table of Canvas's: it should have the headings 'ID'"):
        collect(source, listed, table=listed / "t.csv")
    (listed / "collected").mkdir()
    odd = {"platform": "canvas", "key": "1", "packed": "2026-11-23", "labels": {"a": 1}}
    said = json.dumps({"students": {"ada": odd}})
    for content in (said, "{", "[]", '{"students": {"ada": {}}}', '{"students": {"ada": null}}'):
        (listed / "collected/toy.json").write_text(content)
        with pytest.raises(RecordError, match="toy.json cannot be read"):
            collect(source, listed)
    assert submitted(listed) == {}


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_download_hurts_nobody_and_nothing(seed, listed):
    path = pack(listed / "a.zip", CANVASED.download(HAND_INS))
    content = bytearray(path.read_bytes())
    for place in range(3):
        content[(seed * 977 + place * 389) % len(content)] ^= 0x55
    path.write_bytes(content)
    before = {p for p in listed.parent.rglob("*") if not {"submitted", "collected"} & {*p.parts}}
    console = Console(file=io.StringIO(), width=400)
    status = collecting.main(path, listed, console)
    said = console.file.getvalue()
    assert status == ("cannot be unpacked" in said or "not placed" in said)
    right = {CLASS[place][0]: labs for place, labs in HAND_INS.items()}
    for name, text in submitted(listed).items():
        student, _, lab = name.split("/")
        assert right[student][lab.removesuffix(".ipynb")] == text
    after = {p for p in listed.parent.rglob("*") if not {"submitted", "collected"} & {*p.parts}}
    assert after == before


def test_one_students_bad_file_costs_nobody_else_anything(listed):
    link = zipfile.ZipInfo(CANVASED.file(0, "01_toy"))
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    hand_ins = {
        link: b"/etc/passwd",
        CANVASED.file(1, "01_toy").replace(".ipynb", ".zip"): own({"../../../evil": b""}),
        CANVASED.file(2, "01_toy"): b" " * 20_000_001,
        CANVASED.file(4, "01_toy"): b"fine",
    }
    outcome = collect(pack(listed / "a.zip", hand_ins), listed)
    assert submitted(listed) == {"max2/toy/01_toy.ipynb": b"fine"}
    said = str(outcome.unplaced)
    for why in ("a link instead of a file", "leads out of it: ../../../evil", "more than 20,000"):
        assert why in said


# Grades


@pytest.fixture
def graded(listed):
    """Return a course in which all but one are graded, one after a person is needed, one late."""
    grade(
        listed,
        {"ada": {}, "jd": {"is_a_fraction": 1.25}, "zoe": {}, "max1": {}},
        waiting={"zoe"},
        late={"jd": 2.0},
    )
    return listed


def test_scores_are_those_of_nbgraders_own_export(graded, nbgrader):
    nbgrader("export", "--to", "grades.csv")
    with (graded / "grades.csv").open() as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    made = give_back("toy", CANVAS, CANVASED.export(graded / "t.csv", "20"), graded / "o", graded)
    scores = CANVASED.scores(made.files[0])
    assert {name: float(score) for name, score in scores.items() if score} == {
        name: exported[name] for name in ("ada", "jd", "max1")
    }
    assert exported["jd"] == 18.5 - 4
    assert made.waiting == ["zoe: needs manual grading"]
    assert made.silent == ["max2"]
    assert made.unpacked == [
        f"{name}: there are no pages; run generate_feedback" for name in ("ada", "jd", "max1")
    ]
    assert len(made.files) == 1


def test_what_an_assignment_is_worth_has_to_agree(graded):
    table = CANVASED.export(graded / "t.csv", "100")
    with pytest.raises(ReturnError, match="20 points here and 100 in Canvas: set it to 20 there"):
        give_back("toy", CANVAS, table, graded / "out", graded)
    assert not (graded / "out").exists()
    made = give_back("toy", CANVAS, table, graded / "out", graded, scale=True)
    assert made.graded == ["ada: 100", "jd: 72.5", "max1: 100"]


def test_the_column_may_be_named(graded):
    table = CANVASED.export(graded / "t.csv", "20")
    table.write_text(table.read_text().replace("toy (55)", "Lab 1 (55)"))
    with pytest.raises(TableError, match="no column is called 'toy'; say which .* 'Lab 1 .55.'"):
        give_back("toy", CANVAS, table, graded / "out", graded)
    made = give_back("toy", CANVAS, table, graded / "out", graded, column="Lab 1 (55)")
    assert CANVASED.scores(made.files[0])["ada"] == "20"


def test_what_the_platform_has_closed_stays_and_what_changes_is_told(graded):
    table = CANVASED.export(graded / "t.csv", "20")
    lines = table.read_text().splitlines()
    lines[2] = lines[2].replace(",,1.00", ",EX,1.00")  # ada
    lines[3] = lines[3].replace(",,1.00", ",3.00,1.00")  # jd
    table.write_text("\n".join(lines))
    made = give_back("toy", CANVAS, table, graded / "out", graded)
    assert made.doubts == [
        "ada: 'EX' stands in the table, and is kept",
        "jd: 3 was there, and is 14.5 now",
    ]
    before = table.read_text()
    assert made.files[0].read_text() == before.replace(",3.00,1.00", ",14.5,1.00").replace(
        "max1,A and B,,", "max1,A and B,20,"
    )


def test_a_worksheet_in_another_language_with_commas(graded):
    table = graded / "t.csv"
    head = "Identificador,Nom complet,Adreça,Estat,Qualificació,Qualificació màxima,Canvi"
    rows = [
        f'Participant {place},{last} {first},{email},Tramés,,"20,00",Sí'
        for place, (_, first, last, email, *_) in enumerate(CLASS)
    ]
    table.write_text("\r\n".join([head, *rows]), encoding="utf-8-sig", newline="")
    with pytest.raises(TableError, match="no column is called 'Grade'"):
        give_back("toy", MOODLE, table, graded / "out", graded)
    made = give_back("toy", MOODLE, table, graded / "out", graded, column="Qualificació")
    assert made.graded == ["ada: 20", "jd: 14,5", "max1: 20"]
    assert made.strangers == []  # addresses tell the two of one name apart
    assert made.files[0].read_bytes() == table.read_bytes().replace(
        b'Tram\xc3\xa9s,,"20,00"', b'Tram\xc3\xa9s,X,"20,00"'
    ).replace(b"X", b"20", 1).replace(b"X", b'"14,5"', 1).replace(b"X", b"", 1).replace(
        b"X", b"20", 1
    ).replace(b"X", b"", 1)


def test_a_scale_is_no_number(graded):
    table = MOODLED.export(graded / "t.csv")
    table.write_bytes(table.read_bytes().replace(b"Maximum Grade", b"Scale"))
    with pytest.raises(TableError, match="graded by a scale in Moodle"):
        give_back("toy", MOODLE, table, graded / "out", graded)


def test_rows_of_nobody_of_two_and_people_without_a_row_are_told(graded):
    table = MOODLED.export(graded / "t.csv", "20.00")
    text = table.read_text(encoding="utf-8-sig")
    text = text.replace("Ada Lovelace,ada@example.org", "Eve,eve@example.org")
    text = text.replace("Participant 102", "Participant 101").replace("Zoë", "Jeanne")
    text = text.replace("Müller-Lüdenscheidt,zoe@", "d'Arc,jeanne@")
    table.write_text(text)
    made = give_back("toy", MOODLE, table, graded / "out", graded)
    assert [line.split(" is nobody")[0] for line in made.strangers[:1]] == ["Eve"]
    assert ["are both 'jd'" in line for line in made.strangers[1:]] == [True, True]
    assert made.missing == ["ada", "jd", "zoe"]
    assert made.graded == ["max1: 20"]


def test_what_is_no_file_of_the_platforms_is_told_and_nothing_is_written(graded):
    out, table = graded / "out", graded / "t.csv"
    table.write_text("id,grade\nada,1\n")
    for platform, why in (
        (CANVAS, "should have the headings 'ID', 'Section', and begins with 'id', 'grade'"),
        (MOODLE, "should have the headings 'Identifier'"),
        (BLACKBOARD, "should have the headings 'Username'"),
        (ILIAS, "is no zip .*Multi-Feedback gives one"),
    ):
        with pytest.raises((TableError, ReturnError), match=why):
            give_back("toy", platform, table, out, graded)
    with pytest.raises(ReturnError, match="should have one folder multi_feedback_.*and has a"):
        give_back("toy", ILIAS, pack(graded / "x.zip", {"a/b": b""}), out, graded)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        give_back("toy", CANVAS, graded / "nowhere.csv", out, graded)
    with pytest.raises(ReturnError, match="no assignment 'ps1'; it has toy"):
        give_back("ps1", CANVAS, CANVASED.export(table, "20"), out, graded)
    with pytest.raises(ReturnError, match="t.csv would be overwritten"):
        give_back("toy", CANVAS, table, graded, graded)
    assert not out.exists()


def test_without_a_gradebook_nothing_is_returned(course):
    with pytest.raises(ReturnError, match="there is no gradebook"):
        give_back("toy", CANVAS, CANVASED.export(course / "t.csv"), course / "out", course)


# Feedback


def test_a_page_that_canvas_would_not_know_is_told(graded):
    collect(pack(graded / "a.zip", {CANVASED.file(0, "01_toy"): b""}), graded)
    for student in ("ada", "jd"):
        for lab in ("01_toy", "02_toy"):
            write_page(graded, student, lab)
    made = give_back("toy", CANVAS, CANVASED.export(graded / "t.csv", "20"), graded / "o", graded)
    why = "which Canvas takes back only in the place of a file that was collected from it"
    assert made.unpacked[:2] == [f"ada: 02_toy, {why}", f"jd: 01_toy, 02_toy, {why}"]
    with zipfile.ZipFile(made.files[1]) as archive:
        assert list(CANVASED.feedback(archive)) == ["ada"]


def test_both_files_are_written_or_neither(graded, monkeypatch):
    table, out = MOODLED.export(graded / "t.csv", "20.00"), graded / "out"
    write_page(graded, "ada", "01_toy")
    give_back("toy", MOODLE, table, out, graded)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(before) == ["feedback.zip", "t.csv"]

    def full(*arguments, **more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "writestr", full)
        with pytest.raises(OSError, match="No space left"):
            give_back("toy", MOODLE, table, out, graded)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    shutil.rmtree(graded / "feedback")
    give_back("toy", MOODLE, table, out, graded)
    assert [path.name for path in out.iterdir()] == ["t.csv"]  # the pages were of earlier scores


# Another course


def test_any_course_of_nbgraders_is_taken_from_its_own_settings(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.submitted_directory = 'handed_in'\n"
        "c.CourseDirectory.feedback_directory = 'pages'\n"
    )
    (tmp_path / "source/ps1").mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "source/ps1/ps1.ipynb")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.add_student("ada", lms_user_id="4711")
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("ps1", "ps1")
        gradebook.add_grade_cell("q1", "ps1", "ps1", max_score=20, cell_type="code")
    monkeypatch.chdir(tmp_path)
    name = "lovelaceada_4711_815_ps1-1.ipynb"
    assert collect(pack(tmp_path / "submissions.zip", {name: b"{}"})).unplaced == []
    assert (tmp_path / "handed_in/ada/ps1/ps1.ipynb").read_bytes() == b"{}"
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        hand_in(gradebook, "ps1", {"ada": {"ps1": {"q1": 7.5}}})
    (tmp_path / "pages/ada/ps1").mkdir(parents=True)
    (tmp_path / "pages/ada/ps1/ps1.html").write_bytes(page("ada", "ps1"))
    table = CANVASED.export(tmp_path / "t.csv", "20")
    table.write_text(table.read_text().replace("toy (55)", "ps1 (55)"))
    made = give_back("ps1", CANVAS, table, tmp_path / "out")
    assert CANVASED.scores(made.files[0])["ada"] == "7.5"
    with zipfile.ZipFile(made.files[1]) as archive:
        assert archive.namelist() == [name]


# The commands


def test_the_commands_tell_what_they_did(graded):
    console = Console(file=io.StringIO(), width=200)
    source = pack(graded / "a.zip", CANVASED.download(HAND_INS))
    assert collecting.main(source, graded, console, None, None, "Europe/Berlin") == 0
    assert collecting.main(source, graded, console, "nothing") == 1
    assert collecting.main(source, graded, console, zone="Mars/Base") == 1
    for student in ("ada", "jd"):
        write_page(graded, student, "01_toy")
    table = CANVASED.export(graded / "t.csv", "20")
    assert returning.main("toy", "canvas", table, graded / "out", graded, console) == 1
    assert returning.main("toy", "canvas", graded / "no.csv", graded / "o", graded, console) == 1
    said = console.file.getvalue()
    for told in (
        "4 in submitted/",
        "the assignments are: toy",
        "no time zone is called 'Mars/Base'",
        "3 written",
        "2 not graded yet, and left as they were\n",
        "zoe: needs manual grading",
        "max2: handed in, and not autograded",
        "without feedback",
        "Re-Upload Submissions",
        "there is no file",
    ):
        assert told in said, told


def test_the_commands_can_be_typed(graded, capsys):
    pack(graded / "a.zip", BLACKBOARDED.download(HAND_INS))
    enter(graded, CLASS, lms=5)
    table = str(BLACKBOARDED.export(graded / "t.xls", "40"))
    typed = "collect a.zip --assignment toy --timezone UTC --table"
    assert commands.main([*typed.split(), table]) == 0
    assert stamp(graded, "ada") == "2026-11-23 15:45:00.000000 UTC\n"
    typed = ["return", "toy", table, "--platform", "blackboard", "--output", "out", "--scale"]
    assert commands.main([*typed, "--column", "toy [Total Pts: 40 Score] |123"]) == 1
    assert BLACKBOARDED.scores(graded / "out/t.xls")["jd"] == "29"
    assert "run generate_feedback" in capsys.readouterr().out


def test_names_in_a_table_forge_no_line(graded):
    table = MOODLED.export(graded / "t.csv", "20.00")
    forged = "Eve\x1b[2K\u202e,e"
    table.write_text(table.read_text(encoding="utf-8-sig").replace("Ada Lovelace,ada", forged))
    console = Console(file=io.StringIO(), width=400)
    returning.main("toy", "moodle", table, graded / "out", graded, console)
    assert re.search(r"\bEve\\x1b", console.file.getvalue())
    assert "\x1b" not in console.file.getvalue()
