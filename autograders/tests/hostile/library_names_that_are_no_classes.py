"""Gives its classes the names of functions and modules of the library."""

LAB = "02_objects"
SCORE = 0

# %% summary
NAMES = [
    ("tinytorch.core.random", "manual_seed"),
    ("tinytorch.core.tensor", "np"),
    ("tinytorch.core.tensor", "np.ndarray"),
    ("tinytorch.core.layers", "Module.__init__"),
    ("tinytorch.core.autograd", "no_grad.__class__"),
    ("tinytorch", "submit.main"),
    ("tinytorch.no.such.module", "Nothing"),
    ("../tinytorch", "x" * 10_000),
    ("", ""),
]


def summary(model):
    result = {}
    for module, name in NAMES:
        kind = type("Kind", (Module,), {"__module__": module})
        kind.__name__ = kind.__qualname__ = name
        result[name[:20]] = kind()
    return result
