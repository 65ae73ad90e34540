"""Ignores every signal that can be ignored, and never returns."""

SCORE = 0

# %% double
import signal
import time


def double(array):
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGALRM}:
        signal.signal(number, signal.SIG_IGN)
    time.sleep(20)
    return array
