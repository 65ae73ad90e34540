"""Has one answer that never returns while a thread keeps the interpreter busy."""

LAB = "02_objects"
SCORE = 2

# %% halve
def halve(model):
    for parameter in model.parameters():
        parameter.data *= 0.5
    return model

# %% penalty
import threading
import time

until = time.monotonic() + 5


def spin():
    while time.monotonic() < until:
        pass


def penalty(x):
    global until
    until = time.monotonic() + 5
    for _ in range(4):
        threading.Thread(target=spin, daemon=True).start()
    spin()
    return Tensor(0.0)
