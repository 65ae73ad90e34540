"""Returns thirty lists, each of which holds the one before it twice."""

LAB = "02_objects"
SCORE = 0

# %% summary
def summary(model):
    result = [0.0]
    for _ in range(30):
        result = [result, result]
    return {"layers.0.weight": result, "layers.0.bias": (tuple(result), 0)}
