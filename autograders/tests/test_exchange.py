"""What is collected from an exchange where students can put anything, and what is refused.

Here all students are the user who runs the tests; what takes different users is tried on a hub, in
``autograders/course/hub/tests``.
"""

import os
import pwd
import shutil
import time
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograders.grading.exchange import MOST_FILES, CheckedCollect

ME = pwd.getpwuid(os.getuid()).pw_name
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def now():
    """Renew what counts as now: a suite may come to a test long after it was collected."""
    global NOW
    NOW = datetime.now(UTC)


class Exchange:
    """An exchange with an inbound folder, and a course that collects from it."""

    def __init__(self, root, gradebook):
        self.root = root
        shutil.copy(gradebook, root)
        self.inbound = root / "exchange" / "tinytorch" / "inbound"
        self.inbound.mkdir(parents=True)
        self.secret = root / "modules" / "toy.ipynb"
        self.secret.parent.mkdir()
        self.secret.write_text("the lab with its solutions")
        self.log = []

    def hand_in(self, student=ME, when=None, content="work", name=None):
        when = when or NOW
        stamp = f"{when:%Y-%m-%d %H:%M:%S.%f} UTC"
        folder = self.inbound / (name or f"{student}+toy+{stamp}+abcdefgh")
        folder.mkdir()
        (folder / "toy.ipynb").write_text(content)
        (folder / "timestamp.txt").write_text(stamp)
        (folder / "submission_secret.txt").write_text("5e" * 64)
        return folder

    def collect(self, **settings):
        config = Config(
            CourseDirectory={"course_id": "tinytorch", "root": str(self.root)},
            Exchange={"root": str(self.root / "exchange")},
        )
        config.CourseDirectory.assignment_id = "toy"
        config.CheckedCollect.update(Config(update=True, **settings))
        collect = CheckedCollect(coursedir=CourseDirectory(config=config), config=config)
        collect.log.setLevel("INFO")
        collect.log.addFilter(lambda record: self.log.append(record.getMessage()) or True)
        (self.root / "exchange").chmod(0o777)
        collect.start()
        return {
            path.parent.parent.name: path.read_text()
            for path in self.root.glob("submitted/*/toy/toy.ipynb")
        }

    def said(self, *words):
        return any(all(word in line for word in words) for line in self.log)


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """Return an empty gradebook; making one takes nbgrader seconds."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    Gradebook(f"sqlite:///{path}", "tinytorch").close()
    return path


@pytest.fixture
def exchange(tmp_path, gradebook):
    return Exchange(tmp_path, gradebook)


def test_a_time_to_come_wins_over_nothing(exchange):
    exchange.hand_in(when=NOW + timedelta(days=9999), content="for ever")
    time.sleep(0.05)  # the system's clock tells them apart
    exchange.hand_in(when=datetime.now(UTC), content="later")
    assert exchange.collect() == {ME: "later"}
    assert exchange.said("was handed in, or changed, at")


def test_what_a_student_handed_in_last_is_collected_with_its_time_and_secret(exchange, tmp_path):
    exchange.hand_in(when=NOW - timedelta(seconds=60), content="earlier")
    exchange.hand_in(content="later")
    assert exchange.collect() == {ME: "later"}
    folder = tmp_path / "submitted" / ME / "toy"
    assert (folder / "submission_secret.txt").read_text() == "5e" * 64
    assert (folder / "timestamp.txt").read_text() == f"{NOW:%Y-%m-%d %H:%M:%S.%f} UTC"


def test_collecting_again_takes_what_is_newer_and_nothing_else(exchange):
    exchange.hand_in(when=NOW - timedelta(seconds=60), content="first")
    exchange.collect()
    exchange.hand_in(content="second")
    assert exchange.collect() == {ME: "second"}
    assert exchange.said("Updating submission")
    exchange.log.clear()
    exchange.collect()
    assert exchange.said("No newer submission")


def test_nobody_hands_in_in_anothers_name(exchange):
    exchange.hand_in(student="ada")
    exchange.hand_in(content="mine")
    assert exchange.collect() == {ME: "mine"}
    assert exchange.said("ada+toy", f"belongs to {ME}")


def test_where_all_users_are_one_their_word_is_taken(exchange):
    exchange.hand_in(student="ada")
    assert exchange.collect(check_owner=False) == {"ada": "work"}


@pytest.mark.parametrize(
    "name", ["<i>+toy+2026-11-01 10:00:00 UTC", f"{ME}+toy+yesterday+x", "+toy+"]
)
def test_a_name_that_is_none_stops_nobody(name, exchange):
    exchange.hand_in(name=name)
    exchange.hand_in(student="ada", content="fine")
    assert exchange.collect(check_owner=False) == {"ada": "fine"}
    assert exchange.said("Not collected", name)


def a_link(folder, secret):
    (folder / "toy.ipynb").unlink()
    (folder / "toy.ipynb").symlink_to(secret)


def a_link_to_a_folder(folder, secret):
    (folder / "data").symlink_to(secret.parent)


def a_pipe(folder, secret):
    os.mkfifo(folder / "data")


def too_much(folder, secret):
    with (folder / "data").open("wb") as file:
        file.truncate(200_000_000)


def too_many(folder, secret):
    for number in range(MOST_FILES):
        (folder / f"{number}.txt").touch()


@pytest.mark.parametrize("attack", [a_link, a_link_to_a_folder, a_pipe, too_much, too_many])
def test_a_folder_that_holds_more_than_files_leaves_what_was_collected_before(attack, exchange):
    exchange.hand_in(when=NOW - timedelta(seconds=60), content="before")
    exchange.collect()
    attack(exchange.hand_in(), exchange.secret)
    exchange.hand_in(student="ada")
    assert exchange.collect(check_owner=False) == {ME: "before", "ada": "work"}
    assert exchange.said("Not collected", ME)


def test_a_folder_that_is_a_link_is_refused(exchange, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (exchange.inbound / f"{ME}+toy+2026-11-01 10:00:00 UTC+x").symlink_to(tmp_path / "elsewhere")
    assert exchange.collect() == {}
    assert exchange.said("it is no folder")


def test_a_time_of_hand_in_that_lies_before_the_last_change_does_not_count(exchange, tmp_path):
    exchange.hand_in(when=NOW - timedelta(days=3))
    exchange.collect()
    stamp = (tmp_path / "submitted" / ME / "toy" / "timestamp.txt").read_text()
    assert stamp.startswith(f"{NOW:%Y-%m-%d}")
    assert exchange.said("was handed in, or changed, at")


@pytest.mark.parametrize("content", ["", "\x00\xff not a secret", "../../etc/passwd"])
def test_a_secret_that_later_commands_would_stumble_over_is_replaced(content, exchange, tmp_path):
    (exchange.hand_in() / "submission_secret.txt").write_text(content, encoding="latin-1")
    exchange.collect()
    secret = (tmp_path / "submitted" / ME / "toy" / "submission_secret.txt").read_text()
    assert len(secret) == 128
    assert secret != "5e" * 64
