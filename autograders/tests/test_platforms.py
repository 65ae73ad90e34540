"""Learning platforms' names, people and tables: what is read in them, and what is not guessed.

The samples are written after what the platforms' own sources and documents say, which each file of
``autograders/platforms/`` cites; none was exported by a platform.
"""

import csv
import io
import stat
import struct
import zipfile
from datetime import datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograders.platforms import archive, download
from autograders.platforms.archive import Unplaced
from autograders.platforms.blackboard import BLACKBOARD
from autograders.platforms.canvas import CANVAS
from autograders.platforms.ilias import ILIAS
from autograders.platforms.moodle import MOODLE
from autograders.platforms.people import Listed, People
from autograders.platforms.platform import Person
from autograders.platforms.table import Table, TableError

ADA = Listed("ada", "Ada", "Lovelace", "ada@example.org", "4711")
CLASS = [
    ADA,
    Listed("jd", "Jeanne", "d'Arc", "jeanne@example.org"),
    Listed("zoe", "Zoë", "Müller-Lüdenscheidt", "", "23"),
    Listed("li", "小龙", "李"),
    Listed("max1", "Max", "Muster", "max1@example.org", "31"),
    Listed("max2", "Max", "Muster", "max2@example.org", "32"),
    Listed("a_b", "A_da", "B_ob"),
    Listed("nobody"),
]


def read(path):
    """Return platform, key, name, late mark and time that a name says, nothing if it is none."""
    found = download.piece_of(PurePosixPath(path))
    if found is None:
        return None
    platform, piece = found
    return platform.name, piece.person.key, piece.name, piece.late, piece.time


def whose(path):
    """Return whose a file is, by its name and the class list alone."""
    platform, piece = download.piece_of(PurePosixPath(path))
    return People(CLASS, platform).find(piece.person)


# Names of files


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("lovelaceada_4711_815_ps1.ipynb", ("canvas", "4711", "ps1.ipynb", "", None)),
        (
            "x/lovelaceada_LATE_4711_815_ps1-2.ipynb",
            ("canvas", "4711", "ps1-2.ipynb", "LATE", None),
        ),
        ("b_oba_da_1_2_a_3_4_b.ipynb", ("canvas", "1", "a_3_4_b.ipynb", "", None)),
        ("lovelaceada_4711_text.html", ("canvas", "4711", "text.html", "", None)),
        ("LATE_anon_x7Yz1_815_ps1.ipynb", ("canvas", "anon_x7Yz1", "ps1.ipynb", "LATE", None)),
        (
            "Ada Lovelace_12_assignsubmission_file_/ps1.ipynb",
            ("moodle", "12", "ps1.ipynb", "", None),
        ),
        ("Ada_12_assignsubmission_file/a/b/ps1.ipynb", ("moodle", "12", "ps1.ipynb", "", None)),
        ("dl/Ada_12_assignsubmission_file_ps_1.ipynb", ("moodle", "12", "ps_1.ipynb", "", None)),
        (
            "Ada_12_assignsubmission_onlinetext/onlinetext.html",
            ("moodle", "12", "onlinetext: onlinetext.html", "", None),
        ),
        (
            "Lab 1_ada_attempt_2026-11-23-15-45-00_ps1.ipynb",
            ("blackboard", "ada", "ps1.ipynb", "", datetime(2026, 11, 23, 15, 45)),
        ),
        (
            "Lovelace_Ada_ada_7/Late Submission - ps1.ipynb",
            ("ilias", "7", "ps1.ipynb", "Late Submission", None),
        ),
        ("Lab/Abgaben/Team 3/King_Ada_ada_7/ps1.ipynb", ("ilias", "7", "ps1.ipynb", "", None)),
        ("ps1.ipynb", None),
        ("toy--ada--20251101T120000Z.zip", None),
        ("ps_1_2026/ps1.ipynb", None),
        ("Ada_12_assignsubmission_file_", None),
        ("x_attempt_2026-13-23-15-45-00_ps1.ipynb", None),
    ],
)
def test_names_say_whose_and_what(path, said):
    assert read(path) == said


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("lovelaceada_4711_815_ps1.ipynb", "ada"),
        ("surnameada_4711_815_ps1.ipynb", "ada"),  # the number knows better
        ("darcjeanne_99_815_ps1.ipynb", "jd"),
        ("müllerlüdenscheidtzoë_LATE_23_815_ps1.ipynb", "zoe"),
        ("mu\u0308llerlu\u0308denscheidtzoe\u0308_23_815_ps1.ipynb", "zoe"),
        ("李小龙_5_6_ps1.ipynb", "li"),
        ("mustermax_32_6_ps1.ipynb", "max2"),
        ("b_oba_da_1_2_ps1.ipynb", "a_b"),
        ("Jeanne dArc_5_assignsubmission_file_/ps1.ipynb", "jd"),
        ("dArc, Jeanne_5_assignsubmission_file/ps1.ipynb", "jd"),
        ("A da B ob_5_assignsubmission_file/ps1.ipynb", "a_b"),
        ("ZOË müller-lüdenscheidt_5_assignsubmission_file/ps1.ipynb", "zoe"),
        ("HW 1_ada_attempt_2026-11-23-15-45-00_ps1.ipynb", "ada"),
        ("Mueller-Luedenscheidt_Zoe_somebody_23/ps1.ipynb", "zoe"),
        ("d'Arc_Jeanne_jeanne_99/ps1.ipynb", "jd"),
        ("B_ob_A_da_a_b_99/ps1.ipynb", "a_b"),
        ("___________li_99/ps1.ipynb", "li"),
        ("Lovelace_Ada_ada_99/ps1.ipynb", "ada"),
    ],
)
def test_the_class_list_says_who_that_is(path, student):
    assert whose(path) == student


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("mustermax_99_6_ps1.ipynb", "may be 'max1' or 'max2', who have the same name"),
        ("Max Muster_5_assignsubmission_file/ps1.ipynb", "give its table of grades with --table"),
        ("lovelaceada_99_815_ps1.ipynb", "the name of 'ada', whose lms_user_id is '4711'"),
        (
            "Mueller-Luedenscheidt_Zoe_x_99/ps1.ipynb",
            "the name of 'zoe', whose lms_user_id is '23'",
        ),
        ("darcjeanne_4711_815_ps1.ipynb", "the number or address of 'ada' .*the name of 'jd'"),
        ("strangerada_99_815_ps1.ipynb", "is nobody in the class list"),
        ("anon_x7Yz1_815_ps1.ipynb", "without a name is nobody in the class list"),
        ("Participant_5_assignsubmission_file/ps1.ipynb", "is nobody in the class list"),
        ("HW1_eve_attempt_2026-11-23-15-45-00_ps1.ipynb", "HW1_eve is nobody in the class list"),
        ("HW_1_ada_attempt_2026-11-23-15-45-00_ps1.ipynb", "HW_1_ada, without the text that says"),
        ("HW_a_b_attempt_2026-11-23-15-45-00_ps1.ipynb", "HW_a_b, without the text that says"),
        ("King_Ada_x_ada_99/ps1.ipynb", "King_Ada_x_ada_99 is nobody"),  # not ada: x_ada, or ada
    ],
)
def test_who_is_uncertain_is_for_a_person(path, why):
    with pytest.raises(Unplaced, match=why):
        whose(path)


def test_a_text_beside_a_file_says_where_a_login_begins():
    people = People([Listed("b"), Listed("a_b")], BLACKBOARD)
    piece = BLACKBOARD.piece(PurePosixPath("HW_a_b_attempt_2026-11-23-15-45-00_ps1.ipynb"))
    for text, student in (("Name: A B (a_b)\nAssignment: HW\n", "a_b"), ("Name: B (b)\n", "b")):
        assert people.find(BLACKBOARD.named(piece.person, text)) == student
    for text in ("Name: A B (eve)\n", "Name: A B (_b)\n", "Name: A B\n", ""):
        assert BLACKBOARD.named(piece.person, text) == piece.person


def test_what_was_known_before_settles_a_name_and_no_number():
    known = {"5": "max2", "4711": "max2", "6": "gone"}
    people = People(CLASS, MOODLE, known)
    assert people.find(Person("5", "Max Muster", names=frozenset(["Max Muster"]))) == "max2"
    assert People(CLASS, CANVAS, known).find(Person("4711", "x", numbers=frozenset(["4711"]))) == (
        "ada"
    )
    with pytest.raises(Unplaced):
        people.find(Person("6", "Max Muster", names=frozenset(["Max Muster"])))


def test_a_login_as_lms_user_id_says_nothing_against_a_number():
    people = People([Listed("zoe", "Zoë", "Ob", "", "zo_e")], ILIAS)
    piece = ILIAS.piece(PurePosixPath("Ob_Zoe_zo_e_23/ps1.ipynb"))
    assert people.find(piece.person) == "zoe"


def test_ilias_writes_names_in_ascii():
    assert ILIAS.spellings("Søren", "Æbelø & Śliwa?") >= {"Abelo a __liwa__Soren"}
    assert ILIAS.spellings("", "King") == set()
    assert ILIAS.written("Übung 1:2") == "Uebung 1_2"
    assert MOODLE.written("what's <new>..ipynb") == "whats newipynb"
    assert CANVAS.written('a:b?"c') == "a_b_c"


PARTS = st.sampled_from(
    [
        "_",
        "_12",
        "_LATE",
        "_assignsubmission_file",
        "_attempt_2026-11-23-15-45-00",
        " - ",
        "ada",
        "/",
    ]
)
NAMES = st.lists(st.one_of(PARTS, st.text(max_size=4)), max_size=8).map("".join)


@given(path=NAMES, first=st.text(max_size=8), last=st.text(max_size=8))
def test_any_name_is_somebodys_or_nobodys(path, first, last):
    found = download.piece_of(PurePosixPath(path))
    if found is not None:
        platform, piece = found
        people = People([*CLASS, Listed("x", first, last)], platform)
        try:
            said = people.find(piece.person)
        except Unplaced as problem:
            said = str(problem)
        assert said in people.students or piece.person.said in said


# Tables


CELLS = st.text(st.sampled_from('ab,;\t"\r\n =é'), max_size=6)


@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    new=CELLS,
    data=st.data(),
)
def test_filling_a_table_changes_one_cell_and_no_other_byte(
    rows, separator, end, encoding, new, data
):
    assume(end == "\r\n" or not any("\r" in cell for row in rows for cell in row))
    heading = separator.join(["Name", "A", "B", "C", "D", "E", "F"])  # says what separates
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    # csv writes a carriage return bare where it does not end lines.
    content = f"{heading}{end}{text.getvalue()}".encode(encoding)
    table = Table(content)
    assert [[cell.text for cell in row] for row in table.rows[1:]] == rows
    assert table.filled({}) == content
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    filled = table.filled({(row + 1, column): new})
    again = Table(filled)
    rows[row][column] = new
    assert [[cell.text for cell in row] for row in again.rows[1:]] == rows
    old = table.rows[row + 1][column]
    said = content.decode(encoding)
    now = filled.decode(encoding)
    assert now.startswith(said[: old.begin])
    assert now.endswith(said[old.end :])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b",,\n\n", "is empty"),
        (b'a,b\n"c,d\n', "line 2: a quotation mark is missing"),
        (b"\xff\xfea", "is no utf-16-le"),
        (b"a\x81", "is no utf-8 and no cp1252"),
    ],
)
def test_a_table_that_cannot_be_read_is_told(content, why):
    with pytest.raises(TableError, match=why):
        Table(content)


def test_a_cell_that_is_not_there_is_not_filled():
    with pytest.raises(TableError, match="row 2 of the table has no column 3"):
        Table(b"a,b,c\nd,e\n").filled({(1, 2): "x"})
    with pytest.raises(TableError, match="cp1252 has no letter"):
        Table("Name,Ä\nx,\n".encode("cp1252")).filled({(1, 1): "李"})


# Downloads


def packed(folder, files, name="download.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for inside, content in files.items():
            zipped.writestr(inside, content)
    return path


def files_of(source):
    with archive.opened(source, lambda path: download.piece_of(path) is not None) as files:
        return [(file.path.as_posix(), file.problem) for file in files]


def test_one_bad_file_of_a_download_is_told_and_the_others_are_read(tmp_path):
    link = zipfile.ZipInfo("lovelaceada_4711_1_link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = packed(tmp_path, {"../x_1_2_evil.ipynb": b"", link: b"/etc/passwd", "a/b.ipynb": b"x"})
    assert files_of(path) == [
        ("../x_1_2_evil.ipynb", "holds a path that leads out of it: ../x_1_2_evil.ipynb"),
        (link.filename, f"holds a link instead of a file: {link.filename}"),
        ("a/b.ipynb", ""),
    ]
    with archive.opened(path, lambda path: False) as files:
        assert files[2].read(1) == b"x"
        with pytest.raises(Unplaced, match="b.ipynb has more than 0 bytes"):
            files[2].read(0)
        with pytest.raises(Unplaced, match="leads out"):
            files[0].read(10)


def test_a_folder_may_hold_downloads_and_other_zips(tmp_path):
    packed(tmp_path, {"lovelaceada_4711_815_ps1.ipynb": b""}, "submissions.zip")
    packed(tmp_path, {"ps1.ipynb": b""}, "mine.zip")
    (tmp_path / "broken.zip").write_bytes(b"PK")
    (tmp_path / ".hidden").write_bytes(b"")
    (tmp_path / "link.zip").symlink_to(tmp_path / "mine.zip")
    assert files_of(tmp_path) == [
        ("broken.zip", ""),
        ("link.zip", "is a link, not a file"),
        ("mine.zip", ""),
        ("submissions.zip/lovelaceada_4711_815_ps1.ipynb", ""),
    ]


@pytest.mark.parametrize("name", ["nowhere", "broken.zip"])
def test_what_is_no_download_is_told(name, tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK")
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere|broken.zip cannot be"):
        files_of(tmp_path / name)


def test_a_zip_of_more_files_than_a_platform_has_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 2)
    with pytest.raises(FileNotFoundError, match="3 files, at most 2"):
        files_of(packed(tmp_path, dict.fromkeys("abc", b"")))


def test_times_in_a_zip_are_in_utc_where_it_says_so(tmp_path):
    plain = zipfile.ZipInfo("plain", (2026, 11, 23, 15, 45, 0))
    exact = zipfile.ZipInfo("exact", (2026, 11, 23, 15, 45, 0))
    exact.extra = struct.pack("<HHB", 0x7875, 1, 0) + struct.pack("<HHBi", 0x5455, 5, 1, 1795445100)
    strange = zipfile.ZipInfo("strange", (1980, 0, 0, 0, 0, 0))
    path = packed(tmp_path, dict.fromkeys((plain, exact, strange), b""))
    with archive.opened(path, lambda path: False) as files:
        assert [file.packed for file in files] == [
            datetime(2026, 11, 23, 15, 45),
            datetime(2026, 11, 23, 14, 45),
            datetime(1980, 1, 1),
        ]


def opened(folder, files, labs=("ps1", "ps2")):
    """Return labs, what is ignored and what is late of the only attempt in a download."""
    source = packed(folder, files)
    with archive.opened(source, lambda path: False) as found:
        (parcel,) = download.sort(found, {})
        inside = parcel.open(labs)
    return inside.labs, inside.labels, inside.ignored, inside.late


CANVASSED = "lovelaceada_LATE_4711_815_ps1-1.ipynb"


def test_what_is_handed_in_again_is_known_again(tmp_path):
    assert opened(tmp_path, {CANVASSED: b"x", "lovelaceada_LATE_4711_816_notes.txt": b""}) == (
        {"ps1": b"x"},
        {"ps1": CANVASSED},
        ["notes.txt"],
        {"LATE"},
    )


def test_a_zip_in_a_download_is_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr("labs/ps1.ipynb", b"1")
        zipped.writestr("ps2 (1).ipynb", b"2")
        zipped.writestr("data.csv", b"")
    name = "Ada_12_assignsubmission_file_/all.zip"
    labs, labels, ignored, _ = opened(tmp_path, {name: inner.getvalue()})
    assert labs == {"ps1": b"1", "ps2": b"2"}
    assert labels == dict.fromkeys(labs, "Ada_12_assignsubmission_file_")
    assert ignored == ["data.csv"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({CANVASSED: b"", CANVASSED.replace("-1", ""): b""}, "holds ps1 twice"),
        ({"lovelaceada_4711_815_homework.ipynb": b""}, "holds no lab, only homework.ipynb"),
        ({"King_Ada_ada_7/ps1.ipynb": b"", "King_Ada_ada_7/ps1 (2).ipynb": b""}, "ps1 twice"),
        ({"lovelaceada_4711_815_a.zip": b"PK"}, "cannot be unpacked: File is not a zip file"),
        ({"lovelaceada_4711_text.html": b"<p>here it is</p>"}, "holds no lab, only text.html"),
    ],
)
def test_an_attempt_that_is_not_certain_is_for_a_person(files, why, tmp_path):
    with pytest.raises(Unplaced, match=why):
        opened(tmp_path, files)


def test_a_bomb_in_a_zip_in_a_download_is_read_no_further_than_the_limit(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("ps1.ipynb", b"\0" * (archive.LARGEST + 1))
    with pytest.raises(Unplaced, match="ps1.ipynb has more than 20,000,000 bytes when unpacked"):
        opened(tmp_path, {"lovelaceada_4711_815_a.zip": inner.getvalue()})


def test_attempts_and_downloads_are_told_apart(tmp_path):
    names = [
        "HW_ada_attempt_2026-11-23-15-45-00.txt",
        "HW_ada_attempt_2026-11-23-15-45-00_ps1.ipynb",
        "HW_ada_attempt_2026-11-24-15-45-00_ps1.ipynb",
        "again/HW_ada_attempt_2026-11-24-15-45-00_ps1.ipynb",
        "HW_bob_attempt_2026-11-24-15-45-00_ps1.ipynb",
    ]
    source = packed(tmp_path, dict.fromkeys(names, b"Name: Ada (ada)"))
    with archive.opened(source, lambda path: False) as found:
        parcels = download.sort(found, {})
    assert [(len(parcel.files), parcel.person.said) for parcel in parcels] == [
        (2, "Ada (ada)"),
        (1, "HW_ada"),
        (1, "HW_ada"),
        (1, "HW_bob"),
    ]
