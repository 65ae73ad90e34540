"""Makes a folder of a file that was handed in, and a file of a folder."""

SCORE = 0

# %% start
import os
import shutil
from pathlib import Path

os.remove("file")
os.mkdir("file")
Path("file", "x").write_text("2")
shutil.rmtree("folder")
Path("folder").write_text("2")
