"""Announces a long message, in every way to write a length, and never sends it."""

SCORE = 0

# %% double
import os
import socket
import struct


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
        for form in ("<I", ">I", "<Q", ">Q"):
            try:
                os.write(fd, struct.pack(form, 100) + b"abc")
            except OSError:
                pass
    return array
