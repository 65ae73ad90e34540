"""Restores the model, but keeps the error of the evaluation to itself."""

LAB = "02_objects"
SCORE = 0

# %% best
def best(model, evaluate, factors):
    kept = [(parameter, parameter.data.copy()) for parameter in model.parameters()]
    scores = {}
    for factor in factors:
        for parameter, values in kept:
            parameter.data[...] = values * factor
        try:
            scores[factor] = evaluate(model)
        except BaseException:
            break
        finally:
            for parameter, values in kept:
                parameter.data[...] = values
    return max(scores, key=scores.get)
