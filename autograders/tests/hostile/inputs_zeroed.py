"""Sets everything that it is given to zero, so that everything is equal."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    for parameter in model.parameters():
        parameter.data[...] = 0
    return model

# %% penalty
def penalty(x):
    x.data[...] = 0
    return (x * x).sum()

# %% best
def best(model, evaluate, factors):
    factors[:] = [0.5] * len(factors)
    for parameter in model.parameters():
        parameter.data[...] = 0
    return factors[0]
