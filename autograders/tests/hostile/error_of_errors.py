"""Raises an error that is its own cause, with ten thousand notes, in a group in a group."""

SCORE = 0

# %% double
def double(array):
    error = ValueError("round and round")
    other = KeyError("and back")
    error.__cause__, other.__context__ = other, error
    error.__notes__ = ["note"] * 10_000
    raise error

# %% total
def total(array):
    group = ValueError("seed")
    for _ in range(500):
        group = ExceptionGroup("again", [group])
    raise group
