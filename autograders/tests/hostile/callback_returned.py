"""Hands back what it was given, in places where it does not belong."""

LAB = "02_objects"
SCORE = 0

# %% halve
kept = []


def halve(model):
    kept.append(model)
    return kept[0]

# %% penalty
def penalty(x):
    return kept[0][0].weight

# %% best
def best(model, evaluate, factors):
    model.layers[0] = evaluate
    return evaluate

# %% summary
def summary(model):
    return {"layers.0.weight": model, "layers.0.bias": kept}
