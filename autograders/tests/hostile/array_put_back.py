"""Halves a copy, and leaves a view of the old array, which it made read-only."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    for parameter in model.parameters():
        old = parameter.data
        parameter.data = old * 0.5
        old.setflags(write=False)
        parameter.data = old.view()
    return model
