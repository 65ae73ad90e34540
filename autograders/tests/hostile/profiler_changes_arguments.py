"""Has a profiler look at every call in its process and change the arguments."""

SCORE = 0

# %% double
import sys


def profile(frame, event, argument):
    for name, value in frame.f_locals.items():
        if isinstance(value, np.ndarray) and value.flags.writeable and value.dtype == float:
            value[...] = value * 2


def double(array):
    sys.setprofile(profile)
    return array
