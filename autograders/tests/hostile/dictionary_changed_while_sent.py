"""Returns a dictionary that a thread fills and empties while it is read."""

LAB = "02_objects"
SCORE = 0

# %% summary
import threading
import time


def churn(result, until):
    while time.monotonic() < until:
        for number in range(50):
            result[f"layers.{number}.weight"] = ((number,), number)
        result.clear()


def summary(model):
    result = {}
    until = time.monotonic() + 0.5
    threading.Thread(target=churn, args=(result, until), daemon=True).start()
    time.sleep(0.01)
    return result
