"""Asks the evaluation a hundred thousand times."""

LAB = "02_objects"
SCORE = 0

# %% best
def best(model, evaluate, factors):
    for _ in range(100_000):
        try:
            evaluate(model)
        except Exception:
            pass
    return factors[0]
