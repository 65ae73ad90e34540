"""Raises errors that are each other's causes, in groups of groups, with notes that are no text."""

SCORE = 0


# %% double
class Note(str):
    def __eq__(self, other):
        return True


def double(array):
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__cause__ = second, first
    first.__notes__ = [Note(array), array, "a" * 10**6] * 1000
    group = ExceptionGroup("group", [first, second])
    for _ in range(500):
        group = ExceptionGroup("group", [group, first])
    raise group from group


# %% total
class Causes(Exception):
    @property
    def __cause__(self):
        raise SystemExit

    @property
    def __notes__(self):
        return [self]


def total(array):
    causes = Causes(0)
    for _ in range(20000):
        error = ValueError("one more")
        BaseException.__cause__.__set__(error, causes)
        causes = error
    raise causes
