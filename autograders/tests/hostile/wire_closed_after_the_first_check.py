"""Has one answer right and then closes every socket and pipe that it finds."""

SCORE = 2

# %% double
def double(array):
    return 2 * array

# %% between
import os

for fd in map(int, os.listdir("/proc/self/fd")):
    if fd > 2:
        try:
            os.close(fd)
        except OSError:
            pass
