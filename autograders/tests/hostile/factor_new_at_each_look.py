"""Has a property make a new parameter whenever somebody looks at it."""

LAB = "02_objects"
SCORE = 0

# %% scale
class Scale(Module):
    def __init__(self, start):
        self.start = start

    @property
    def factor(self):
        return Parameter([self.start])

    def parameters(self):
        return [self.factor]

    def forward(self, x):
        return x * self.factor
