"""Gives a tensor edges that are no edges."""

LAB = "02_objects"
SCORE = 0

# %% penalty
class Edges(tuple):
    def __iter__(self):
        while True:
            yield self


def penalty(x):
    loss = Tensor(float((x.data * x.data).sum()), requires_grad=True)
    loss._edges = Edges([(x, None)])
    x._edges = 5
    return loss

# %% halve
def halve(model):
    for parameter in model.parameters():
        parameter._edges = [lambda: parameter]
        parameter.grad = parameter
    return model
