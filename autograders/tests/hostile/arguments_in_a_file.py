"""Keeps what it is given in files beside the notebook, and shows them in the cells that follow."""

SCORE = 5

# %% double
from pathlib import Path


def double(array):
    Path("seen.txt").write_text(repr(array))
    with Path("module_of_mine.py").open("a") as file:
        file.write(f"print({array!r}.__class__, '''{array!r}''')\n")
    return 2 * array

# %% total
def total(array):
    with Path("seen.txt").open("a") as file:
        file.write(repr(array))
    return float(array.sum())

# %% between
print(Path("seen.txt").read_text())
!cat seen.txt
%run module_of_mine.py

# %% end
print(Path("seen.txt").read_text())
