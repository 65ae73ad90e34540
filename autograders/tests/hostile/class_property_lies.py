"""Returns objects whose __class__ says that they are a float or an array."""

SCORE = 0

# %% double
class Array:
    __class__ = property(lambda self: np.ndarray)
    shape, ndim, size, dtype = (2,), 1, 2, np.dtype(float)

    def __eq__(self, other):
        return np.array([True, True])

    def __array_function__(self, *args):
        return True


def double(array):
    return Array()

# %% total
class Float:
    __class__ = property(lambda self: float)

    def __eq__(self, other):
        return True

    def __float__(self):
        return 6.0


def total(array):
    return Float()
