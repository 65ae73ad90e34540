"""Makes a folder where the page of feedback is to be written."""

SCORE = 0

# %% start
from pathlib import Path

Path("01_tiny.html").mkdir()
Path("01_tiny.html", "x.txt").write_text("in the way")
