"""Raises what ends loops, generators and interpreters rather than an error."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    raise GeneratorExit

# %% penalty
def penalty(x):
    raise KeyboardInterrupt

# %% best
def best(model, evaluate, factors):
    raise StopIteration(0.5)

# %% scale
class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def forward(self, x):
        raise MemoryError

# %% summary
def summary(model):
    raise SystemExit(0)
