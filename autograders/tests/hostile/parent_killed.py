"""Kills the process that started it."""

SCORE = 0

# %% scratch
import os
import signal

os.kill(os.getppid(), signal.SIGKILL)
