"""Has every answer right but the last one, which ends Python."""

LAB = "02_objects"
SCORE = 8

# %% halve
def halve(model):
    for parameter in model.parameters():
        parameter.data *= 0.5
    return model

# %% penalty
def penalty(x):
    return (x * x).sum()

# %% best
def best(model, evaluate, factors):
    kept = [(parameter, parameter.data.copy()) for parameter in model.parameters()]
    scores = {}
    try:
        for factor in factors:
            for parameter, values in kept:
                parameter.data[...] = values * factor
            scores[factor] = evaluate(model)
    finally:
        for parameter, values in kept:
            parameter.data[...] = values
    return max(scores, key=scores.get)

# %% scale
class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def forward(self, x):
        return x * self.factor

# %% summary
import os


def summary(model):
    os._exit(0)
