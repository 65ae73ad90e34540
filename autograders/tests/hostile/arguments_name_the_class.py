"""Returns objects of a class whose name is what was given."""

SCORE = 0

# %% double
def double(array):
    if np.ndim(array):
        return 2 * array
    return type(repr(array), (), {"__repr__": lambda self: repr(array)})()

# %% total
def total(array):
    if array[0] == 0:
        return float(array.sum())
    return type(repr(array), (float,), {"__doc__": repr(array)})(0)
