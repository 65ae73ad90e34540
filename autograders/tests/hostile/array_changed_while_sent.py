"""Has a thread write into the array that it returned, for as long as the check may take."""

SCORE = 0

# %% double
import threading
import time


def scribble(array, until):
    while time.monotonic() < until:
        array.flat = np.random.default_rng().normal(size=array.size)
        array.resize(array.size % 5 + 1, refcheck=False)


def double(array):
    result = np.array(array, dtype=float).ravel()
    until = time.monotonic() + 0.5
    threading.Thread(target=scribble, args=(result, until), daemon=True).start()
    return result
