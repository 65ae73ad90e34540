"""Returns a dictionary and a set whose keys have one hash."""

LAB = "02_objects"
SCORE = 0

# %% summary
def summary(model):
    prime = 2**61 - 1
    keys = [number * prime for number in range(1, 3000)]
    return {"layers.0.weight": dict.fromkeys(keys), "layers.0.bias": set(keys)}
