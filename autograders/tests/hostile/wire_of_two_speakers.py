"""Forks, so that two processes answer each question."""

SCORE = 0

# %% double
import os
import threading
import time


def double(array):
    if os.fork() == 0:
        timer = threading.Timer(2, os._exit, (0,))
        timer.daemon = True
        timer.start()
        return np.array([2.0, 4.0])
    time.sleep(0.05)
    return array
