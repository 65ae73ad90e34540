"""Puts the model into itself, and its layers into each other."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    model.layers.append(model)
    model.layers.append(model.layers)
    model.itself = {"model": model, "all": [model.layers, (model,)]}
    return model
