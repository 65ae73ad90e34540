"""Has a metaclass claim other ancestors than the class has."""

LAB = "02_objects"
SCORE = 0

# %% scale
class Ancestors(type):
    def mro(cls):
        return [cls, Module, dict, object] if cls.__name__ == "Base" else [cls, object]


class Base(dict, metaclass=Ancestors):
    pass


class Scale(Base, metaclass=Ancestors):
    def __init__(self, start):
        self.factor = Parameter([start])

    def parameters(self):
        return [self.factor]

    def __call__(self, x):
        return x


Ancestors.__instancecheck__ = lambda cls, thing: True
