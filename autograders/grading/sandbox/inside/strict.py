"""Comparisons of arrays in which nothing agrees with something by having no entries.

NumPy's ``allclose(a, b)`` and ``testing.assert_allclose(a, b)`` broadcast: an array without entries
agrees with every number. In a check that is never what was meant, so the judge's own process does
not have it. It leans on NumPy; :mod:`.judge` leans on it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import numpy.testing  # with this module, so that forked judges have it already

_ASSERTIONS = (
    "assert_allclose",
    "assert_almost_equal",
    "assert_array_almost_equal",
    "assert_array_almost_equal_nulp",
    "assert_array_equal",
    "assert_array_less",
    "assert_array_max_ulp",
    "assert_equal",
)


def compare_strictly() -> None:
    """Have NumPy's comparisons of whole arrays fail where only one side has entries."""
    for name in _ASSERTIONS:
        compare = getattr(np.testing, name)
        if not hasattr(compare, "__wrapped__") or not getattr(compare, "strict", False):
            setattr(np.testing, name, _asserting(compare))
    if not getattr(np.allclose, "strict", False):
        np.allclose = _agreeing(np.allclose)


def _only_one_is_empty(first: Any, second: Any) -> bool:
    try:
        sizes = np.size(first), np.size(second)
    except Exception:
        return False
    return 0 in sizes and sizes != (0, 0)


def _asserting(compare: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(compare)
    def assert_strictly(actual: Any, desired: Any, *rest: Any, **more: Any) -> Any:
        if _only_one_is_empty(actual, desired):
            raise AssertionError("an array without entries was compared with one that has some")
        return compare(actual, desired, *rest, **more)

    assert_strictly.strict = True  # type: ignore[attr-defined]
    return assert_strictly


def _agreeing(compare: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(compare)
    def agree_strictly(a: Any, b: Any, *rest: Any, **more: Any) -> Any:
        return not _only_one_is_empty(a, b) and compare(a, b, *rest, **more)

    agree_strictly.strict = True  # type: ignore[attr-defined]
    return agree_strictly
