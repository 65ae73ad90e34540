"""Calls the callback again when its check is long over, and has the answer right."""

LAB = "02_objects"
SCORE = 2

# %% best
later = []


def best(model, evaluate, factors):
    later.append((evaluate, model))
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

# %% scratch_scale
for evaluate, model in later:
    try:
        print(evaluate(model))
    except Exception as error:
        print(error)

# %% end
for evaluate, model in later:
    try:
        print(evaluate(model), model[0].weight)
    except Exception as error:
        print(error)
