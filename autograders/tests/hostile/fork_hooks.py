"""Has hooks run whenever its process is copied: they print, fork once more, and end what they can."""

SCORE = 0

# %% double
import os


def double(array):
    print("asked with", array)
    return array


def after():
    try:
        double(0)
        if os.fork():
            os._exit(0)
    except OSError:
        pass


os.register_at_fork(before=lambda: double(1), after_in_parent=lambda: 1 / 0, after_in_child=after)
