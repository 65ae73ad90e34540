"""Has the collector of garbage, and the hooks for errors that nobody catches, tell what was given."""

SCORE = 0

# %% double
import gc
import sys
import threading

met = []


class Bomb:
    def __init__(self, array):
        self.array = array

    def __del__(self):
        met.append(self.array)
        raise ValueError(self.array)


def double(array):
    bomb = Bomb(array)
    bomb.bomb = bomb
    threading.Thread(target=lambda: 1 / array).start()
    return array


gc.callbacks.append(lambda *_: print(met))
sys.unraisablehook = threading.excepthook = lambda told: print(told, met)


# %% total
def total(array):
    gc.collect()
    raise ValueError(met)


# %% end
gc.collect()
print(met)
