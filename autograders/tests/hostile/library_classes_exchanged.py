"""Puts classes of its own where the library has its classes."""

LAB = "02_objects"
SCORE = 0

# %% start
import numpy as np
import sys
from tinytorch import SGD, Linear, Module, Parameter, ReLU, Sequential, Tensor, manual_seed


class Liar(Sequential):
    __eq__ = lambda self, other: True
    weight = data = property(lambda self: self)
    __getitem__ = lambda self, index: self


for name, module in list(sys.modules.items()):
    if name.split(".")[0] == "tinytorch":
        for kind in ("Sequential", "Linear", "Tensor", "Parameter"):
            if hasattr(module, kind):
                setattr(module, kind, Liar)
