"""Has a layer that is no module, but says so."""

LAB = "02_objects"
SCORE = 0

# %% scale
class Scale:
    __class__ = property(lambda self: Module)

    def __init__(self, start):
        self.factor = Parameter([start])

    def parameters(self):
        return [self.factor]

    def __call__(self, x):
        return x
