"""Calls the callback with itself, with functions, classes, modules and endless things."""

LAB = "02_objects"
SCORE = 0

# %% best
class Model(Sequential):
    def __getitem__(self, index):
        return self

    def __getattr__(self, name):
        return self

    def __float__(self):
        return 1.5


def endless():
    while True:
        yield 1


def best(model, evaluate, factors):
    things = [
        evaluate, best, Model, np, endless(), Model(), None, type, [model] * 5, {"a": evaluate},
        (), 10**1000, b"x" * 1000, object, evaluate.__class__, globals(), range(2**62),
    ]
    for thing in things:
        for arguments in ((thing,), (thing, thing), ()):
            try:
                evaluate(*arguments, **{"candidate": thing} if not arguments else {})
            except Exception:
                pass
    return factors[0]
