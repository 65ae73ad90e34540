"""Looks into every attribute of the callback, and has the answer right."""

LAB = "02_objects"
SCORE = 2

# %% best
NAMES = (
    "__globals__ __code__ __closure__ __defaults__ __kwdefaults__ __builtins__ __dict__ __doc__ "
    "__self__ __func__ __wrapped__ __class__ __module__ __annotations__ __call__ __reduce__"
).split()


def look(thing):
    for name in NAMES:
        try:
            print(name, str(getattr(thing, name))[:1000])
        except BaseException as error:
            print(name, type(error))
    for form in ("{0.__code__.co_consts}", "{0.__globals__[unguessable]}", "{0!r:>50}"):
        try:
            print(form.format(thing))
        except BaseException as error:
            print(form, type(error))


def best(model, evaluate, factors):
    look(evaluate)
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
