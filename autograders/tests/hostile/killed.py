"""Kills itself."""

SCORE = 0

# %% scratch
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
