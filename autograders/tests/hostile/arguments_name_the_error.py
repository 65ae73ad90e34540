"""Raises errors of a class whose name, and module, are what was given."""

SCORE = 0

# %% double
def double(array):
    if np.ndim(array):
        return 2 * array
    name = repr(array)
    raise type(name, (AssertionError,), {"__module__": name, "__qualname__": name})(name)

# %% total
def total(array):
    if array[0] == 0:
        return float(array.sum())
    name = repr(array)
    error = type("ValueError", (ValueError,), {"__module__": "builtins"})(name)
    error.add_note(name)
    raise error from KeyError(name)
