"""Adds thousands of layers and thousands of names to the model."""

LAB = "02_objects"
SCORE = 0

# %% summary
def summary(model):
    model.layers.extend(ReLU() for _ in range(20_000))
    for number in range(20_000):
        setattr(model, f"name{number}", [number])
    return {}
