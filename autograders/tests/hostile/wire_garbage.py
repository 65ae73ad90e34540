"""Writes random bytes into every socket and pipe without a name."""

SCORE = 0

# %% double
import os
import random
import socket


def doors():
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            with socket.socket(fileno=os.dup(fd)) as copy:
                if copy.family == socket.AF_UNIX and not copy.getsockname():
                    yield fd
        except OSError:
            pass


def double(array):
    for fd in doors():
        for size in (1, 3, 17, 1000):
            try:
                os.write(fd, random.Random(size).randbytes(size))
            except OSError:
                pass
    return array
