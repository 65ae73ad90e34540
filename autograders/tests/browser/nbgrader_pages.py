"""What an instructor and a student do with nbgrader in JupyterLab: its formgrader, its list.

:class:`Formgrader` and :class:`AssignmentList` press the buttons and wait for what nbgrader
answers. Both begin on a page where JupyterLab is open.
"""

from playwright.sync_api import Page, expect

MINUTES = 300_000  # milliseconds; nbgrader answers when all is done
expect.set_options(timeout=60_000)


class AssignmentList:
    """The student's list of assignments."""

    def __init__(self, page: Page):
        self.page = page
        choose(page, "Nbgrader", "Assignment List")
        expect(self._list("released")).to_be_visible(timeout=MINUTES)
        page.locator("#refresh_assignments_list").click()  # it may have been open for a while

    def _list(self, name):
        return self.page.locator(f"#{name}_assignments_list")

    def fetch(self, assignment):
        """Fetch a released assignment, and wait until it lies in the student's folder."""
        self._press("released", "Fetch", assignment)
        expect(self._list("fetched")).to_contain_text(assignment, timeout=MINUTES)

    def submit(self, assignment):
        """Hand in, and wait until the list says so."""
        self._press("fetched", "Submit", assignment)
        expect(self._list("submitted")).to_contain_text(assignment, timeout=MINUTES)

    def fetch_feedback(self, assignment):
        """Fetch the feedback, and follow the link to its folder."""
        self._press("submitted", "Fetch Feedback", assignment)
        link = self._list("submitted").get_by_text("(view feedback)").first
        if not link.is_visible():
            self._list("submitted").get_by_text(assignment, exact=True).first.click()
        link.click(timeout=MINUTES)

    def _press(self, where, button, assignment):
        row = self._list(where).locator(".list_item", has_text=assignment).first
        row.get_by_role("button", name=button, exact=True).click()


class Formgrader:
    """The instructor's pages, in a tab of JupyterLab."""

    def __init__(self, page: Page):
        self.page = page
        choose(page, "Nbgrader", "Formgrader")
        self.frame = page.frame_locator("iframe").first
        expect(self.frame.get_by_role("heading", name="Manage Assignments")).to_be_visible(
            timeout=MINUTES
        )

    def assignments(self):
        """Go from a submission that was read to the list of assignments."""
        for link in ("Manual Grading", "Manage Assignments"):
            self.frame.get_by_role("link", name=link, exact=True).first.click(timeout=MINUTES)

    def press(self, row, column):
        """Press a button of a row, and wait for nbgrader's answer; return its log."""
        self._row(row).locator(f".{column} a").click(timeout=MINUTES)
        return self._answer()

    def submissions(self, assignment):
        """Go from the list of assignments to what was collected of one."""
        self._row(assignment).locator(".num-submissions a").click(timeout=MINUTES)
        expect(self.frame.get_by_role("heading", name="Manage Submissions")).to_be_visible(
            timeout=MINUTES
        )

    def status(self, row):
        """Return what the row says of a student's work."""
        return self._row(row).locator(".status")

    def read(self, student, lab):
        """Go from the submissions of an assignment to the page where a person grades a lab."""
        self._row(student).locator(".student-name a").click(timeout=MINUTES)
        self.frame.get_by_role("link", name=lab, exact=True).click(timeout=MINUTES)
        expect(self.frame.locator("#notebook-container").first).to_be_visible(timeout=MINUTES)

    def grade(self, question, points, comment):
        """Give points and a comment to an answer in words, by nbgrader's keys."""
        answer = self.frame.locator(f".nbgrader_cell:has([id='{question}'])")
        score = answer.locator("input.score")
        with self._saved("grade"):
            score.fill(str(points))
            score.press("Tab")
        with self._saved("comment"):
            answer.locator("textarea.comment").fill(comment)
            answer.locator("textarea.comment").press("Escape")

    def _saved(self, what):
        return self.page.expect_response(
            lambda answer: f"/api/{what}/" in answer.url and answer.request.method == "PUT"
        )

    def _row(self, text):
        return self.frame.locator("tbody tr", has_text=text).first

    def _answer(self):
        modal = self.frame.locator(".modal.in")
        expect(modal).to_be_visible(timeout=MINUTES)
        said = modal.inner_text()
        modal.get_by_role("button").last.click()
        expect(modal).to_have_count(0)
        assert "Success" in said.splitlines(), said
        return said


def choose(page: Page, menu, item):
    """Choose from JupyterLab's menu bar."""
    page.get_by_role("menubar").first.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()
