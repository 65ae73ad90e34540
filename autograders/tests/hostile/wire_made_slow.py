"""Makes its sockets non-blocking and their buffers small."""

SCORE = 0

# %% scratch
import fcntl
import os
import socket

for fd in map(int, os.listdir("/proc/self/fd")):
    if fd > 2:
        try:
            flags = fcntl.fcntl(fd, fcntl.F_GETFL)
            fcntl.fcntl(fd, fcntl.F_SETFL, flags ^ os.O_NONBLOCK)
            with socket.socket(fileno=os.dup(fd)) as copy:
                copy.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
                copy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        except OSError:
            pass
