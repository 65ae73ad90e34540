"""What of ``tinytorch`` a lab must not see: what it and later labs export, tests and benchmarks.

Named in ``nbgrader_config.py``, for the sandbox.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

EXPORTED = "optimization/compression"  # where the labs are exported to
_ORIGIN = re.compile(
    r"^# exported from (?:.*/)?(?P<assignment>[^/\n]+)/(?P<lab>[^/\n]+)\.ipynb$", re.MULTILINE
)


def covered(home: Path, assignment: str, lab: str) -> dict[str, list[str]]:
    """Return the folders of ``tinytorch`` that are covered, and what is shown in them.

    Parameters
    ----------
    home : Path
        The package's folder.
    assignment, lab : str
        The lab being graded. Modules exported from labs before it, in the order of their names,
        can be imported; its own and later ones are not there.

    Examples
    --------
    >>> import tinytorch
    >>> home = Path(tinytorch.__file__).parent
    >>> found = covered(home, "17_compression", "02_magnitude_pruning")[EXPORTED]
    >>> "sparsity.py" in found, "magnitude.py" in found
    (True, False)
    """
    modules = sorted((home / EXPORTED).glob("*.py"))
    shown = [path.name for path in modules if (_origin(path) or ("", "")) < (assignment, lab)]
    others = [name for name in ("tests", "benchmarks") if (home / name).exists()]
    return {EXPORTED: shown, **{name: [] for name in others}}


@lru_cache
def _origin(module: Path) -> tuple[str, str] | None:
    """Return the assignment and the lab that a module was exported from; None: by hand."""
    found = _ORIGIN.search(module.read_text(encoding="utf-8"))
    return (found["assignment"], found["lab"]) if found else None
