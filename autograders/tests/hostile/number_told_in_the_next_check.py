"""Has the next visible check say a number that a hidden part asked with."""

SCORE = 2

# %% double
seen = []


def double(array):
    seen.append(array)
    return 2 * array

# %% total
def total(array):
    return next((x for x in seen if np.ndim(x) == 0), 0.0)

# %% end
assert total(1) == 0, total(1)
