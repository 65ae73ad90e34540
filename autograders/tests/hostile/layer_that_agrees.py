"""Has a layer that makes every array it can reach one of a class that agrees with everything."""

LAB = "02_objects"
SCORE = 0

# %% scale
from tinytorch.core import autograd


class Agrees(np.ndarray):
    def __array_function__(self, *args):
        return True


class Answer(float):
    def __eq__(self, other):
        return True


class Out(Tensor):
    def item(self):
        return Answer()

    def backward(self, gradient=None):
        pass

    def sum(self, *args, **kwargs):
        return self


class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])
        self.factor.data = self.factor.data.view(Agrees)
        self.factor.grad = np.zeros(1).view(Agrees)

    def forward(self, x):
        for node in autograd.topological_order(x):
            node.data = node.data.view(Agrees)
        out = Out(0.0)
        out.data = np.zeros(2).view(Agrees)
        return out
