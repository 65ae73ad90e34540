"""Nothing is graded or shown unless the course's settings are in force, all of them.

Where a settings file cannot be read, traitlets logs the error and nbgrader goes on without it: with
stock settings, which run students' code with the instructor's rights. :class:`CheckSettings` is
named in two files, ``nbgrader_config.py`` and ``nbgrader_config.json`` beside it, which are read
one by one: where either fails, the other has nbgrader end with status 1. It leans on nothing else
of this package until the settings are there, so that it works where what they import does not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader
from traitlets.utils.importstring import import_item

FILES = ("nbgrader_config.py", "nbgrader_config.json")
_HERE = "autograders.grading.settings"
BESIDE: dict[str, Any] = {  # what the second file says
    "about": "Read beside nbgrader_config.py: where that one fails, nothing is graded.",
    "Exporter": {"preprocessors": [f"{_HERE}.CheckSettings"]},
    "Execute": {"kernel_manager_class": f"{_HERE}.CheckedKernelManager"},
}
# What students' work must pass through, by the setting that names it.
_GRADING = "autograders.grading"
_PARTS = {
    ("Autograde", "exporter_class"): f"{_GRADING}.submission.SubmissionExporter",
    ("Autograde", "sanitize_preprocessors"): f"{_GRADING}.submission.RestoreCells",
    ("Autograde", "autograde_preprocessors"): f"{_GRADING}.execute.SandboxedExecute",
    ("GenerateFeedback", "exporter_class"): f"{_GRADING}.feedback.FeedbackExporter",
    ("GenerateFeedback", "preprocessors"): f"{_GRADING}.feedback.RedactFeedback",
    ("HTMLExporter", "preprocessors"): f"{_GRADING}.formgrader.GraderView",
    ("ExchangeFactory", "collect"): f"{_GRADING}.exchange.CheckedCollect",
}


class SettingsError(RuntimeError):
    """Settings that cannot be read; the message says why."""


class CheckSettings(NbGraderPreprocessor):
    """Refuse to be made where the course's settings are not in force; do nothing else."""

    # What the exporter sets for every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if reason := why_closed(self.config):
            self.log.error("%s", reason)
            raise NbGraderException(reason)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as it is."""
        return nb, resources


class CheckedKernelManager(AsyncKernelManager):
    """Refuse to be made, likewise: for ``nbgrader validate``, whose kernels have no walls."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if reason := why_closed(self.config):
            raise NbGraderException(reason)


def why_closed(config: Config) -> str:
    """Return why nothing may be graded with these settings, or nothing if it may.

    Examples
    --------
    >>> from traitlets.config import Config
    >>> print(why_closed(Config()))
    Nothing was graded or shown: nbgrader_config.py is not in force. Mend what the log says of it \
above, and run this again.
    """
    begin = "Nothing was graded or shown"
    if not any(key in config.get(section, {}) for section, key in _PARTS):
        return (
            f"{begin}: nbgrader_config.py is not in force. Mend what the log says of it above, and "
            "run this again."
        )
    if __name__ not in str(config.get("Exporter", {}).get("preprocessors", "")):
        return (
            f"{begin}: nbgrader_config.json, which belongs beside nbgrader_config.py, is not in "
            "force. It is written there if there is none and the folder can be written; to one of "
            f"your own add {json.dumps(BESIDE)}. Then run this again."
        )
    if missing := list(_missing(config)):
        return (
            f"{begin}: of the course's settings {'; '.join(missing)}. Put this back into "
            "nbgrader_config.py, or a subclass of it, and run this again."
        )
    return ""


def is_stock(config: Config) -> bool:
    """Return whether a course uses nbgrader as it is, and nothing of this package.

    Examples
    --------
    >>> is_stock(Config()), is_stock(Config({"Exporter": BESIDE["Exporter"]}))
    (True, False)
    """
    beside = str(config.get("Exporter", {}).get("preprocessors", ""))
    parts = any(_GRADING in str(config.get(section, {}).get(key, "")) for section, key in _PARTS)
    return __name__ not in beside and not parts


def _missing(config: Config) -> Iterator[str]:
    """Yield the settings that leave out what students' work must pass through."""
    from nbgrader.preprocessors import Execute

    for (section, key), name in _PARTS.items():
        part, found = import_item(name), config.get(section, {}).get(key, [])
        classes = [_class(one) for one in (found if isinstance(found, list) else [found])]
        if not any(issubclass(one, part) for one in classes):
            yield f"c.{section}.{key} lacks {part.__name__}"
        for one in classes:
            if issubclass(one, Execute) and not issubclass(one, part):
                yield f"c.{section}.{key} has {one.__name__}, which knows no sandbox"


def _class(named: Any) -> type:
    """Return a class, which a setting may name; what is none passes for nothing."""
    found = import_item(named) if isinstance(named, str) else named
    return found if isinstance(found, type) else object


def checked(config: Config) -> Config:
    """Return settings that were checked, for those who get a part of them and cannot check."""
    without = Config(config)
    for name, section in without.items():
        if isinstance(section, Config) and "preprocessors" in section:
            others = [one for one in section.preprocessors if __name__ not in str(one)]
            without[name] = Config({**section, "preprocessors": others})
    return without


def stand_by(folder: Path) -> None:
    """Write ``nbgrader_config.json`` into a course's folder if there is none.

    Where that cannot be done nothing is raised: an error would take all other settings with it.
    Then :func:`why_closed` says what is missing.
    """
    file = folder / FILES[1]
    with suppress(OSError):
        if not file.exists():
            file.write_text(json.dumps(BESIDE, indent=2) + "\n", encoding="utf-8")


def load(root: Path) -> Config:
    """Read a course's settings; there are none where it has no ``nbgrader_config.py``.

    Raises
    ------
    SettingsError
        If they cannot be read.
    """
    if not (root / FILES[0]).exists():
        return Config()
    try:
        return PyFileConfigLoader(FILES[0], path=str(root)).load_config()
    except Exception as error:  # whatever is wrong in the file
        why = f"{type(error).__name__}: {error}"
        raise SettingsError(f"{FILES[0]} cannot be read: {why}") from error


def copy(root: Path, target: Path) -> None:
    """Copy a course's settings into another folder, both files of them."""
    for name in FILES:
        shutil.copyfile(root / name, target / name)
