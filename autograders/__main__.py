"""``python -m autograders COMMAND``: what an instructor runs beside nbgrader's own commands."""

import sys

from autograders.commands import main

if __name__ == "__main__":
    sys.exit(main())
