"""Has memory that its copies share, and reads there what they met."""

SCORE = 5

# %% double
import mmap
import os

board = mmap.mmap(-1, 4096)


def double(array):
    board.seek(0)
    board.write(repr(array).encode())
    return 2 * array

# %% total
def total(array):
    return float(array.sum())

# %% end
import time

time.sleep(0.5)
print(board[:64])
os.write(1, board[:64])
raise RuntimeError(board[:64])
