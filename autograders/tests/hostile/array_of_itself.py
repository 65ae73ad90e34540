"""Returns an array of objects that holds itself."""

SCORE = 0

# %% double
def double(array):
    result = np.empty(2, dtype=object)
    result[:] = [result, [result]]
    return result

# %% total
def total(array):
    result = []
    result.append({"self": (result,)})
    return result
