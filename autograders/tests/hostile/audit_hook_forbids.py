"""Adds an audit hook, which nobody can take away, that forbids sockets, files and imports."""

SCORE = 0

# %% total
import sys


def hook(event, arguments):
    if event.startswith(("socket", "open", "import", "os.", "marshal", "pickle")):
        raise PermissionError(event)


def total(array):
    sys.addaudithook(hook)
    return 0.0
