"""Named arrays on disk: written all or not at all, and read with the trouble named.

The stored models and trainings that were cut off lean on it, and it on NumPy alone.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to a file in NumPy's ``.npz`` format, in place of what it held.

    The new file takes the place of the old one when it is whole, so that a kill leaves one of them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished.npz")
    np.savez(unfinished, **arrays)  # type: ignore[arg-type]
    os.replace(unfinished, path)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, or none of ``.npz``.

    Examples
    --------
    >>> read_arrays(Path(__file__))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: .../files.py is damaged, or no .npz file: File is not a zip file
    """
    try:
        with zipfile.ZipFile(path) as whole:  # np.load takes other files, too, pickles among them
            if broken := whole.testzip():
                raise ValueError(f"{broken} has another checksum than was written")
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise ValueError(f"{path} is damaged, or no .npz file: {error}") from None
