"""Has a layer whose parameters never come to an end."""

LAB = "02_objects"
SCORE = 0

# %% scale
class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def parameters(self):
        while True:
            yield self.factor

    def forward(self, x):
        return x
