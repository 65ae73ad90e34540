"""The course on the web, as it is read on a laptop and on a phone, by day and by night.

The site is built once. Its files are searched for what no student may read and for links that lead
nowhere; its pages are opened in Chromium, from a server that has nothing but the files.
"""

import functools
import http.server
import threading
from urllib.parse import unquote, urldefrag, urljoin

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from autograders.course import ROOT, site
from autograders.course.kit import FOR_INSTRUCTORS
from autograders.course.site import labs
from autograders.tests.browser.conftest import LAPTOP, PHONE
from autograders.tests.test_site import SOURCES, bare, secrets, told, visible

pytestmark = pytest.mark.browser

# What students have of the stack in any case: docstrings have examples, and so have hidden tests.
STACK = [
    path for path in (ROOT / "tinytorch").glob("*/**/*.py") if path.parent.name != "compression"
]
# One page of each kind. Axe takes seconds for a long one; all others come from the same templates.
KINDS = (
    "index", "labs/index", "labs/17_compression/05_low_rank", "syllabus", "students",
    "instructors/index", "instructors/large_class", "grading/index", "grading/cost",
    "reference/index", "reference/tinytorch.core.losses",
)  # fmt: skip

CUT_OFF = """
() => [...document.querySelectorAll("main pre, main table, main .math, main nav")]
    .map(tag => tag.closest(".pst-scrollable-table-container") ?? tag)
    .filter(tag => tag.scrollWidth > tag.clientWidth + 1)
    .map(tag => tag.textContent.trim().slice(0, 60))
"""

# What Chromium cuts where a sheet of paper ends, in the middle of a line.
SCROLLED = """
() => [...document.querySelectorAll("main *")]
    .filter(tag => tag.offsetHeight > 0 && /auto|scroll/.test(getComputedStyle(tag).overflowY))
    .map(tag => `${tag.tagName}.${tag.className}`)
"""


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site as it is published, with links to a repository."""
    with pytest.MonkeyPatch.context() as published:
        published.setenv("GITHUB_REPOSITORY", "owner/name")
        return site.build(ROOT, tmp_path_factory.mktemp("web") / "site")


@pytest.fixture(scope="module")
def pages(built):
    """All pages, parsed, by their path in the site."""
    return {
        path.relative_to(built).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in sorted(built.rglob("*.html"))
        if "_static" not in path.parts
    }


@pytest.fixture(scope="module")
def address(built):
    """The address of a server of the site's files, on this machine."""
    handler = functools.partial(Files, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_no_file_has_a_solution_a_hidden_test_or_a_guide(built, pages):
    kinds = {path.suffix for path in built.rglob("*") if "_static" not in path.parts}
    assert kinds <= {"", ".html", ".inv", ".js", ".png"}, "sources are not published"
    sources = [nbformat.read(path, 4) for path in SOURCES]
    kept = set().union(*map(secrets, sources))
    assert len(kept) > 100 * len(sources)
    said = "".join(bare(page.get_text()) for page in pages.values())
    said += bare((built / "searchindex.js").read_text("utf-8"))
    stack = bare("".join(path.read_text("utf-8") for path in STACK))
    known = told(kept, visible(sources)) | told(kept, stack)
    assert told(kept, said) - known == set()
    assert told({bare("You prune 70 % of the weights of such a model")}, said), "nothing was read"


def test_links_lead_somewhere(built, pages):
    names = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    dead, outside = [], set()
    for path, page in pages.items():
        for tag in page.find_all(["a", "img", "link", "script"]):
            link = tag.get("href") or tag.get("src")
            if not link:
                continue
            if "://" in link or link.startswith(("mailto:", "data:")):
                outside.add((tag.name, link))
                continue
            target, anchor = urldefrag(urljoin(f"/{path}", link))
            target = unquote(target.partition("?")[0]).lstrip("/")
            there = (built / target).is_file()
            if not there or (anchor and tag.name == "a" and unquote(anchor) not in names[target]):
                dead.append((path, link))
    assert dead == []
    assert {name for name, _ in outside} <= {"a"}, "a page fetches something from elsewhere"


def test_the_page_of_a_package_leads_to_what_is_in_it(pages):
    page = pages["reference/tinytorch.data.html"].main
    links = {link["href"] for link in page.find_all("a")}
    assert "tinytorch.data.digits.html#tinytorch.data.digits.load_digits" in links
    assert "tinytorch.data.digits.html#module-tinytorch.data.digits" in links
    fields = "Alias for field number"  # what Python says of each field of a named tuple
    assert [path for path, page in pages.items() if fields in page.get_text()] == []


def test_labs_stand_in_their_order(pages):
    order = [f"labs/{part.name}/{lab.name}.html" for part in labs.parts(ROOT) for lab in part.labs]
    for before, after in zip(order, order[1:], strict=False):
        following = pages[before].select_one("a.right-next")["href"]
        assert urljoin(f"/{before}", following) == f"/{after}"
        earlier = pages[after].select_one("a.left-prev")["href"]
        assert urljoin(f"/{after}", earlier) == f"/{before}"


def test_students_pages_have_nothing_for_instructors(pages):
    guide = (ROOT / "modules" / "README.md").read_text("utf-8")
    for_others = guide.partition(FOR_INSTRUCTORS)[2].partition("\n## ")[2].partition("\n")[0]
    page = bare(pages["students.html"].main.get_text())
    assert bare("How to read a failing check") in page
    assert bare(for_others) not in page


def test_formulas_and_figures_can_be_read_aloud(pages):
    for path, page in pages.items():
        for image in page.main.find_all("img"):
            assert image.get("alt"), f"{path}: {image}"
        assert "$" not in "".join(
            text for text in page.main.find_all(string=True)
            if not text.find_parent(["pre", "code"])
        ), path  # fmt: skip
    assert pages["labs/17_compression/05_low_rank.html"].find_all("math", display="block")


@pytest.mark.parametrize(
    ("viewport", "colours"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"]
)
def test_every_page_is_read_on_any_screen(viewport, colours, address, pages, visit, screenshots):
    """One window for all pages: axe has nothing to say, nothing is too wide or comes from afar."""
    opened = visit(viewport, color_scheme=colours)
    fetched = []
    opened.on("request", lambda request: fetched.append(request.url))
    for path in pages:
        if path.startswith("reference") and path.removesuffix(".html") not in KINDS:
            continue
        opened.goto(address + path)
        width = opened.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], path
        if path.removesuffix(".html") in KINDS:
            opened.screenshot(path=screenshots(path.replace("/", "_")))
            # With `preload` axe fetches style sheets itself, one from where it is not.
            found = Axe().run(opened, options={"preload": False}).response["violations"]
            assert [(f["id"], [node["html"] for node in f["nodes"]]) for f in found] == [], path
    assert [url for url in fetched if not url.startswith((address, "data:"))] == []
    assert opened.complaints == []


def test_nothing_is_cut_off_on_a_small_laptop(address, pages, visit):
    """At 1280 pixels code of 100 characters, wide tables and long names of functions are whole."""
    opened = visit({"width": 1280, "height": 800})
    cut = []
    for path in pages:
        opened.goto(address + path)
        cut += [(path, text) for text in opened.evaluate(CUT_OFF)]
    assert cut == []


def test_the_title_covers_no_link_on_any_width(address, visit):
    opened = visit(LAPTOP)
    opened.goto(address)
    for width in range(320, 1400, 40):
        opened.set_viewport_size({"width": width, "height": 800})
        title = opened.locator(".logo__title").bounding_box()
        right, bottom = title["x"] + title["width"], title["y"] + title["height"]
        boxes = [
            (link.inner_text(), link.bounding_box())
            for link in opened.locator(".bd-header a.nav-link, .bd-header button").all()
            if link.is_visible()
        ]
        covered = [
            name for name, box in boxes
            if title["x"] < box["x"] + box["width"] and box["x"] < right - 1
            and title["y"] < box["y"] + box["height"] and box["y"] < bottom
        ]  # fmt: skip
        assert covered == [], width


def test_a_word_is_found_without_a_server(address, visit):
    opened = visit(LAPTOP)
    opened.goto(address)
    opened.keyboard.press("Control+k")
    opened.keyboard.type("lottery")
    opened.keyboard.press("Enter")
    results = opened.locator("#search-results")
    expect(results.get_by_role("link", name="Lab 03 · Sparse training").first).to_be_visible()
    assert opened.complaints == []


def test_the_dark_theme_can_be_chosen_and_paper_has_no_menus(address, visit):
    opened = visit(LAPTOP, color_scheme="light")
    opened.goto(f"{address}labs/17_compression/05_low_rank.html")
    root = opened.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    opened.get_by_role("button", name="Color mode").click()
    opened.get_by_role("option", name="Dark").or_(
        opened.get_by_text("Dark", exact=True)
    ).first.click()
    expect(root).to_have_attribute("data-theme", "dark")
    opened.emulate_media(media="print")
    for menu in (".bd-header", ".bd-sidebar-primary", ".prev-next-footer"):
        expect(opened.locator(menu).first).to_be_hidden()
    expect(opened.get_by_role("heading", name="Lab 05")).to_be_visible()
    expect(opened.locator("details:not([open]) > p").first).to_be_visible()  # a hint
    assert opened.evaluate(SCROLLED) == []
