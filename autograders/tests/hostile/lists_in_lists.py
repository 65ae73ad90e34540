"""Returns a list in a list, a hundred thousand times over."""

SCORE = 0

# %% total
def total(array):
    result = ()
    for _ in range(100_000):
        result = (result,)
    return result

# %% double
def double(array):
    result = []
    for _ in range(100_000):
        result = [result]
    return {"deep": result}
