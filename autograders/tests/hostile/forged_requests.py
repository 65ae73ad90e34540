"""Asks for what nobody may ask of the judge's functions and values."""

LAB = "02_objects"
SCORE = 0

# %% best
def best(model, evaluate, factors):
    ask = get_ipython().kernel.answers.peer.request
    for request in [
        ("get", evaluate, "__globals__"),
        ("get", evaluate, "func_globals"),
        ("method", evaluate, "__getattribute__", "__globals__"),
        ("method", evaluate, "__reduce_ex__", 4),
        ("set", evaluate, "answer", 0.5),
        ("item", evaluate, 0),
        ("str", evaluate),
        ("length", model),
        ("signature", evaluate),
        ("names", "expected", "unguessable"),
        ("backward", evaluate, np.ones(1)),
        ("call", type, "Kind", (), {}),
        ("operate", "add", evaluate, model),
        ("await", evaluate),
        ("deep copy", evaluate),
    ]:
        try:
            print(request[0], ask(*request))
        except BaseException as error:
            print(request[0], error)
    return factors[0]
