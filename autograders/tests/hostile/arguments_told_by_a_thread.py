"""Has a thread print what was given, all the time, into whatever cell runs."""

SCORE = 5

# %% double
import threading
import time

seen = []


def tell():
    for _ in range(200):
        print(seen[-20:], flush=True)
        time.sleep(0.01)


def double(array):
    seen.append(repr(array))
    return 2 * array


threading.Thread(target=tell, daemon=True).start()

# %% total
def total(array):
    seen.append(repr(array))
    return float(array.sum())

# %% end
time.sleep(0.1)
