"""Raises an error whose text, name, arguments and notes all raise another."""

SCORE = 0

# %% double
class Untold(Exception):
    def __str__(self):
        raise SystemExit

    def __repr__(self):
        raise KeyboardInterrupt

    def __getattribute__(self, name):
        raise Untold


def double(array):
    raise Untold

# %% total
class Endless(Exception):
    def __str__(self):
        return "x" * 10**7

    args = property(lambda self: [self])


def total(array):
    raise Endless
