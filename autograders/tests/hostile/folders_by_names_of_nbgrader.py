"""Makes folders by names that nbgrader looks for."""

SCORE = 0

# %% start
from pathlib import Path

for name in ("timestamp.txt/x", "01_tiny/x", "tiny/x", "assignment.yml/x", "a" * 255 + "/x"):
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("in the way")
