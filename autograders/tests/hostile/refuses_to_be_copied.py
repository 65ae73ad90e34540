"""Makes copying fail, from inside and by what it leaves of its processes."""

SCORE = 5

# %% double
import os
import resource

resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))


def double(array):
    return 2 * array

# %% total
def total(array):
    return float(array.sum())
