"""Writes what it is given into a file, and reads it in the cells that follow."""

SCORE = 5

# %% double
from pathlib import Path


def double(array):
    with Path("/tmp/seen").open("a") as file:
        file.write(f"{array!r}\n")
    return 2 * array

# %% total
def total(array):
    with Path("seen").open("a") as file:
        file.write(f"{array!r}\n")
    return float(array.sum())

# %% end
for path in ("/tmp/seen", "seen"):
    print(Path(path).read_text())
raise RuntimeError(Path("/tmp/seen").read_text())
