"""Has a right layer whose class has a name that a page would run."""

LAB = "02_objects"
SCORE = 2

# %% scale
class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def forward(self, x):
        return x * self.factor


Scale.__name__ = Scale.__qualname__ = "<script>unguessable(1)</script>"
