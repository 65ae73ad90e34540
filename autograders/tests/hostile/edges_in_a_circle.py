"""Makes a tensor that was computed from itself, and one from the model's own parameter."""

LAB = "02_objects"
SCORE = 0

# %% penalty
def penalty(x):
    loss = Tensor(float((x.data * x.data).sum()), requires_grad=True)
    loss._edges = ((loss, lambda g: g), (x, lambda g: g * x.data))
    x._edges = (*x._edges, (loss, lambda g: g))
    return loss
