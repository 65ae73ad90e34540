"""Puts everything back by a context manager, the whole model each time."""

CELL = "part_scan"
FAILS = []


# %% answer
from contextlib import contextmanager


@contextmanager
def put_back(model):
    held = {name: (p, p.data.copy(), p.mask) for name, p in model.named_parameters()}
    try:
        yield model
    finally:
        for p, values, mask in held.values():
            p.mask = mask
            np.copyto(p.data, values)


def part_scan(model, evaluate, sparsity, parts):
    found = {}
    for part in parts:
        beginning = part.split(".")
        with put_back(model):
            prune_weights(model, sparsity, lambda name, b=beginning: name.split(".")[: len(b)] == b)
            found[part] = evaluate(model)
    return found
