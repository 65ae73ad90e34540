"""Class lists as spreadsheets write them: what is read, and what is named with its line."""

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import DbApp
from rich.console import Console

from autograders.platforms import collect
from autograders.students import ListError, main, read
from autograders.tests import pretend
from autograders.tests.synthetic_class import release

TEXT = 'id,first_name,last_name,email\nada,Ada,"King, Countess of Lovelace",ada@example.org\nb,,,\n'
ADA = {"first_name": "Ada", "last_name": "King, Countess of Lovelace", "email": "ada@example.org"}
NOBODY = dict.fromkeys(ADA)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\n\n,,,\n").encode(),
        TEXT.replace("id,first_name,last_name", "ID, First Name ,LAST_NAME").encode(),
        TEXT.replace(",", ";").replace("King;", "King,").encode(),
        TEXT.replace(",", "\t").replace("King\t", "King,").encode(),
        b"sep=;\n" + TEXT.replace(",", ";").replace("King;", "King,").encode(),
        b"\n\n" + TEXT.encode(),
    ],
    ids=[
        "plain", "a mark", "UTF-16", "UTF-16, the other way", "Windows", "old Macs", "empty lines",
        "headings", "semicolons", "tabs", "a note of Excel's", "empty lines first",
    ],
)  # fmt: skip
def test_what_spreadsheets_write_is_read(content):
    assert read(content).students == {"ada": ADA, "b": NOBODY}


def test_letters_of_two_parts_are_put_together():
    assert list(read("id\nzoe\u0308\n".encode()).students) == ["zo\u00eb"]


def test_letters_of_windows_and_columns_of_others():
    found = read("Matrikel;id;first_name\n1;zoe;Zoë\n".encode("cp1252"))
    assert found.students == {"zoe": {"first_name": "Zoë"}}
    assert found.ignored == ["matrikel"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the list is empty"),
        ("id\n", "there is no student in the list"),
        ("name,mail\nada,x\n", "line 1: the headings should have one 'id'"),
        ("id,id\nada,x\n", "line 1: the headings should have one 'id'"),
        ("id,email\n\n,ada@example.org\n", "line 3: the id is missing"),
        ("id\nada\n[b]\n", "line 3: the name '[b]' contains '['"),
        ("id\nada\nada\n", "line 3: 'ada' is in line 2 already"),
        ("id\nada\nAda\n", "line 3: 'Ada' looks like 'ada' in line 2 already"),
        ("id\nada,x\n", "line 2: it has 2 columns, and the headings are 1"),
        ('id,email\nada,"x\n', "line 2: unexpected end of data"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(content, why):
    with pytest.raises(ListError) as failure:
        read(content.encode())
    assert why in str(failure.value)


def test_all_lines_that_are_wrong_are_named_and_nobody_is_entered(course):
    release(course, "toy").close()
    (course / "list.csv").write_text("id,email\nada,\n[b],\na/c,\n")
    console = Console(record=True, quiet=False)
    assert main(course / "list.csv", course, console) == 1
    told = console.export_text()
    assert "nobody was entered" in told
    assert "line 3" in told
    assert "line 4" in told
    assert main(course / "nowhere.csv", course, Console(quiet=True)) == 1
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.students == []


def test_settings_that_cannot_be_read_are_told(course):
    (course / "list.csv").write_text("id\nada\n")
    with (course / "nbgrader_config.py").open("a") as more:
        more.write("import a_package_that_nobody_has\n")
    console = Console(record=True, width=200)
    assert main(course / "list.csv", course, console) == 1
    (course / "zips").mkdir()
    assert collect.main(course / "zips", course, console) == 1
    told = console.export_text()
    assert told.count("nbgrader_config.py cannot be read: ModuleNotFoundError") == 2


def test_a_list_is_entered_and_compared_with_the_gradebook(course):
    release(course, "toy").close()
    (course / "list.csv").write_bytes(TEXT.encode("utf-16"))
    assert main(course / "list.csv", course, Console(quiet=True)) == 0
    (course / "list.csv").write_text("id,email\nADA,new\n")
    console = Console(record=True)
    assert main(course / "list.csv", course, console) == 0
    told = console.export_text()
    assert "1 students in the list, 1 of them new" in told
    assert "'ada' is in the gradebook and not in the list, and looks like 'ADA'" in told
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert {s.id: s.last_name for s in gradebook.students}["ada"] == ADA["last_name"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_nbgraders_own_import_reads_the_same(separator, encoding, course, capsys):
    text = f'sep={separator}\nid,First Name,last_name\nzoe,Zoë,"Łuk"\n'.replace(",", separator)
    (course / "list.csv").write_bytes(text.replace("Ł", "L").encode(encoding))
    other = f"sqlite:///{course / 'other.db'}"
    with pytest.raises(SystemExit) as end:
        pretend.nbgrader(course, DbApp, "student", "import", "list.csv", f"--db={other}")
    assert end.value.code == 0
    assert "1 students in the list, 1 of them new" in capsys.readouterr().out
    with Gradebook(other) as gradebook:
        assert [(s.id, s.first_name, s.last_name) for s in gradebook.students] == [
            ("zoe", "Zoë", "Luk")
        ]


def test_nbgraders_own_import_enters_all_or_nobody(course, capsys):
    (course / "list.csv").write_text("id\nada\n[b]\n")
    for path in ("list.csv", "nowhere.csv"):
        with pytest.raises(SystemExit) as end:
            pretend.nbgrader(course, DbApp, "student", "import", path)
        assert end.value.code == 1
    told = capsys.readouterr().out
    assert "list.csv: nobody was entered\nline 3: the name '[b]' contains '['" in told
    assert "nowhere.csv: nobody was entered" in told
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.students == []
