"""Starts 400 processes."""

SCORE = 0

# %% scratch
import os
import time

children = []
try:
    for _ in range(400):
        child = os.fork()
        if child == 0:
            time.sleep(3)
            os._exit(0)
        children.append(child)
finally:
    for child in children:
        os.kill(child, 9)
