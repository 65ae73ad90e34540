"""Keeps a thread, so that it cannot be copied, and says what a hidden part gave."""

SCORE = 2

# %% double
import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()
seen = []


def double(array):
    seen.append(array)
    return 2 * array

# %% between
print(seen)
seen

# %% total
def total(array):
    print(seen)
    raise ValueError(f"{seen}")

# %% end
print(seen)
raise RuntimeError(f"{seen}")
