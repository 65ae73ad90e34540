"""Halves into a new array, not in place."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    for parameter in model.parameters():
        parameter.data = parameter.data * 0.5
    return model
