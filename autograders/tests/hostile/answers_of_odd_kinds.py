"""Binds the names of answers to things that are no functions, but can be called."""

SCORE = 0

# %% double
async def double(array):
    return 2 * array

# %% total
class total(float):
    def __new__(cls, array):
        return super().__new__(cls, 0.0)

    def __eq__(self, other):
        return True
