"""Makes a folder where the graded notebook is to be written."""

SCORE = 0

# %% start
import os
from pathlib import Path

if os.path.isfile("01_tiny.ipynb"):
    os.remove("01_tiny.ipynb")
Path("01_tiny.ipynb").mkdir()
Path("01_tiny.ipynb", "x.txt").write_text("in the way")
