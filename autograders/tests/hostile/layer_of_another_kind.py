"""Has a class whose objects are of other classes, some of them not its own."""

LAB = "02_objects"
SCORE = 0

# %% scale
class Scale(Module):
    kinds = [Sequential, ReLU, lambda: 5, lambda: Scale, lambda: None]

    def __new__(cls, start):
        made = cls.kinds[0]()
        cls.kinds = cls.kinds[1:] + cls.kinds[:1]
        if isinstance(made, Module):
            made.factor = Parameter([start])
        return made
