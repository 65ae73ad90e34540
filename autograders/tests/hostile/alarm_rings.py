"""Has a clock interrupt whatever runs, every hundredth of a second, with an error."""

SCORE = 0

# %% double
import signal


def ring(number, frame):
    raise KeyError("time")


def double(array):
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    return array
