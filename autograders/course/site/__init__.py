"""``python -m autograders site``: the course as web pages, in ``build/site/``.

The labs as students get them, the syllabus, the instructor's pages, how grading works, and the
reference of ``tinytorch``. What is written elsewhere is taken from there: labs and their figures
from ``modules/`` (:mod:`.labs`), prose from the README files (:mod:`.texts`), the reference from
docstrings. ``files/`` has what only the site says, as Jinja templates. All of it is laid out as
Sphinx's sources first; building asks no network for anything, and a warning is an error.
"""

from __future__ import annotations

import ast
import importlib.metadata
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
import nbformat
from rich.console import Console

from autograders.course import ROOT
from autograders.course.kit import FOR_INSTRUCTORS
from autograders.course.loop import CourseError, check_tools
from autograders.course.site import labs, texts
from tinytorch.optimization import compression

FILES = Path(__file__).resolve().parent / "files"
# Of autograders/README.md: its parts, a section that is part of a page, and those that are pages:
# folder, file and heading.
ANY, OURS, INSIDE = (
    "For the instructor of any nbgrader course",
    "For this course's instructor",
    "For those who change it",
)
FIRST = "The first five minutes"
CUT = (
    ("instructors", "term", "A term, from release to grades"),
    ("instructors", "platforms", "Learning platforms"),
    ("instructors", "hub", "With JupyterHub"),
    ("instructors", "large_class", "A large class"),
    ("instructors", "tools", "Tools"),
    ("instructors", "jupyterlite", "Without a server: JupyterLite"),
    ("grading", "points", "When points are given"),
    ("grading", "reading", "What is read, and what is found"),
    ("grading", "feedback", "Feedback"),
    ("grading", "sandbox", "The sandbox"),
    ("grading", "cost", "Cost"),
    ("grading", "attacks", "Attack by attack"),
)
# What serves the course, or tests the stack: exporting and handing in, for example.
NO_REFERENCE = {
    "tests", "benchmarks", "assignment", "console", "export", "notebook", "submit",
}  # fmt: skip


class SiteError(RuntimeError):
    """The site cannot be built as it should be; the message says why."""


def build(root: Path = ROOT, target: Path | None = None) -> Path:
    """Build the site; return its folder, whose ``index.html`` opens without a server.

    Parameters
    ----------
    root : Path
        The folder that holds ``modules/``, ``tinytorch/`` and the README files.
    target : Path, optional
        Where to write (``root/build/site`` by default). A site that is there is replaced as a
        whole, once the new one is complete.

    Raises
    ------
    SiteError
        If Sphinx has something to warn of: a link that leads nowhere, for example.
    CourseError
        If the labs cannot be released.
    """
    target = target or root / "build" / "site"
    work = target.with_name(f".{target.name}.next")
    shutil.rmtree(work, ignore_errors=True)
    try:
        lay_out(root, work / "sources")
        _run_sphinx(root, work / "sources", work / "pages")
        shutil.rmtree(target, ignore_errors=True)
        (work / "pages").rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


# What Sphinx reads


def lay_out(root: Path, sources: Path) -> None:
    """Write the sources of all pages."""
    shutil.copytree(FILES / "_static", sources / "_static")
    for picture in ("lab.png", "grade.png"):
        shutil.copyfile(root / ".github" / picture, sources / "_static" / picture)
    found = labs.parts(root)
    for part in found:
        folder = sources / "labs" / part.name
        folder.mkdir(parents=True)
        for name, notebook in labs.pages(root, part.name):
            nbformat.write(notebook, folder / f"{name}.ipynb")
    by_part = texts.parts(root / "autograders" / "README.md")
    grading = {part: texts.sections(by_part[part]) for part in (ANY, OURS, INSIDE)}
    sections = grading[ANY] | grading[OURS] | grading[INSIDE]
    whole = texts.without(by_part[ANY], [heading for _, _, heading in CUT])
    kept = {texts.anchor(heading) for heading in texts.sections(whole)}
    places = {name: f"/instructors/any_course.md#{name}" for name in kept}
    places |= {texts.anchor(heading): f"/{room}/{name}.md" for room, name, heading in CUT}
    for room, name, heading in CUT:
        text = texts.as_page(heading, sections[heading])
        _write(sources / room / f"{name}.md", texts.led(text, places))
    any_course = f"# {ANY}\n\n{whole}\n"
    _write(sources / "instructors" / "any_course.md", texts.led(any_course, places))
    for name, text in reference(root):
        _write(sources / "reference" / f"{name}.rst", text)
    [course] = texts.parts(root / "README.md").values()
    told = {
        "parts": found,
        "modules": list(described(root / "tinytorch")),
        "students": (root / "modules" / "README.md").read_text(encoding="utf-8"),
        "for_instructors": FOR_INSTRUCTORS,
        "course": course.partition("\n\n")[0],
        "first": texts.led(grading[OURS][FIRST], places),
        "inside": texts.led(grading[INSIDE][texts.OPENING], places),
        "repository": os.environ.get("GITHUB_REPOSITORY", ""),
    }
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FILES),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["points"] = labs.in_words
    for path in sorted(FILES.rglob("*.md")):
        inside = path.relative_to(FILES)
        _write(sources / inside, templates.get_template(inside.as_posix()).render(told))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Module:
    """A module of the stack.

    Attributes
    ----------
    name : str
        Its dotted name.
    about : str
        The first paragraph of what it says of itself.
    is_package : bool
        Whether its names are those of the modules in it.
    lab : str
        The lab that exports it, if one does, as in ``01_sparsity``.
    """

    name: str
    about: str
    is_package: bool
    lab: str = ""


def described(package: Path) -> Iterator[Module]:
    """Yield the modules of the stack, packages before what is in them."""
    exported = {f"{compression.__name__}.{name}": lab for name, lab in compression.LABS.items()}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if NO_REFERENCE & {*parts} or parts[-1] == "__main__":
            continue
        says = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        about = says.partition("\n\n")[0].replace("\n", " ")
        lab, _ = exported.get(name, ("", ()))
        yield Module(name, about or f"What lab {lab[:2]} exports.", is_package, lab)


def reference(root: Path) -> Iterator[tuple[str, str]]:
    """Yield, for each module of the stack, the name and the source of its page."""
    modules = list(described(root / "tinytorch"))
    for module in modules:
        text = f"{module.name}\n{'=' * len(module.name)}\n\n"
        for path in root.glob(f"modules/*/{module.lab or '-'}.ipynb"):
            text += f"Exported from :doc:`/labs/{path.parent.name}/{path.stem}`.\n\n"
        text += f".. automodule:: {module.name}\n"
        text += _inside(module, modules) if module.is_package else "   :members:\n"
        yield module.name, text


def _inside(package: Module, modules: list[Module]) -> str:
    """Return what stands on a package's page: the modules in it, and the names that it offers."""
    text = "\nModules\n-------\n\n"
    for module in modules:
        if module.name.rpartition(".")[0] == package.name:
            text += f":py:mod:`{module.name}`\n    {module.about}\n\n"
    imported = importlib.import_module(package.name)
    offered = [_reference(imported, name, modules) for name in getattr(imported, "__all__", ())]
    if offered:
        text += f"Names\n-----\n\n``from {package.name} import`` {', '.join(offered)}\n"
    return text


def _reference(package: ModuleType, name: str, modules: list[Module]) -> str:
    """Return a name that a package offers: a link, if a class or a function has a page."""
    found = getattr(package, name)
    where, what = (getattr(found, key, "") for key in ("__module__", "__qualname__"))
    has_page = what and any(module.name == where for module in modules)
    return f":py:obj:`{name} <{where}.{what}>`" if has_page else f"``{name}``"


# Sphinx


def settings(root: Path) -> dict[str, Any]:
    """Return Sphinx's configuration; there is no ``conf.py``."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    version = importlib.metadata.version("tinytorch-compression")
    return {
        "project": "Compression, built by hand",
        "author": "The tinytorch course authors",
        "copyright": "the tinytorch course authors; text CC BY 4.0, code MIT",
        "version": version,
        "release": version,
        "extensions": [
            "myst_nb",
            "sphinx.ext.autodoc",
            "numpydoc",
            "autograders.course.site.formulas",
            "autograders.course.site.names",
        ],
        "nitpicky": True,
        "nitpick_ignore_regex": [("py:class", r"(collections|numpy)\..*")],  # documented elsewhere
        "highlight_language": "none",
        "myst_enable_extensions": ["attrs_block", "attrs_inline", "deflist", "dollarmath"],
        "myst_dmath_double_inline": True,
        "myst_heading_anchors": 3,
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_ipywidgets_js": {},  # which a third party would be asked for
        "add_module_names": False,
        "maximum_signature_line_length": 72,
        "autodoc_default_options": {"no-value": True},  # a vocabulary is a page long
        "autodoc_typehints": "none",  # the docstrings say what is what
        "toc_object_entries_show_parents": "hide",
        "autodoc_member_order": "bysource",
        "numpydoc_show_class_members": False,
        "html_math_renderer": "mathml",
        "html_theme": "pydata_sphinx_theme",
        "html_context": {"default_mode": "auto"},
        "html_title": "Compression, built by hand",
        "html_static_path": ["_static"],
        "html_css_files": ["course.css"],
        "html_favicon": "_static/icon.svg",
        "html_sidebars": {"syllabus": [], "students": []},  # which are one page each
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_theme_options": {
            "logo": {
                "text": "Compression, built by hand",
                "image_light": "_static/icon.svg",
                "image_dark": "_static/icon.svg",
                "alt_text": "",
            },
            "header_links_before_dropdown": 6,
            "navigation_with_keys": False,
            "show_toc_level": 2,
            "show_nav_level": 1,
            "navbar_end": ["theme-switcher", "navbar-icon-links"],
            "navbar_persistent": ["search-button"],
            "secondary_sidebar_items": ["page-toc"],
            "footer_start": ["copyright"],
            "footer_end": [],
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
            "icon_links": [
                {
                    "name": "The course's repository",
                    "url": f"https://github.com/{repository}",
                    "icon": "fa-brands fa-github",
                }
            ]
            if repository
            else [],
        },
    }


def _run_sphinx(root: Path, sources: Path, pages: Path) -> None:
    from sphinx.application import Sphinx

    warnings = io.StringIO()
    app = Sphinx(
        str(sources),
        confdir=None,
        outdir=str(pages),
        doctreedir=str(sources.with_name("doctrees")),
        buildername="html",
        confoverrides=settings(root),
        status=None,
        warning=warnings,
        warningiserror=True,
    )
    app.build()
    if app.statuscode or warnings.getvalue():
        raise SiteError(f"Sphinx is not content:\n{warnings.getvalue()}")


def main(root: Path = ROOT, console: Console | None = None) -> int:
    """Build the site and say where it is; return the exit status."""
    console = console or Console()
    try:
        check_tools()
        with console.status("releasing the labs, laying out the pages"):
            site = build(root)
    except (CourseError, SiteError, labs.LabError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    console.print((site / "index.html").relative_to(root), highlight=False)
    return 0
