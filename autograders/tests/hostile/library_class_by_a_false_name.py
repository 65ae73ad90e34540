"""Returns an object of its own class, which says that it is the library's Tensor."""

LAB = "02_objects"
SCORE = 0

# %% penalty
class Liar:
    shape = ()

    def item(self):
        return Same()

    def backward(self, gradient=None):
        pass

    __mul__ = __rmul__ = lambda self, other: self


class Same:
    def __eq__(self, other):
        return True


Liar.__name__ = Liar.__qualname__ = "Tensor"
Liar.__module__ = "tinytorch.core.tensor"


def penalty(x):
    x.grad = 2 * x.data
    return Liar()
