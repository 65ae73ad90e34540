"""Deletes what tensors and layers are made of."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    for parameter in model.parameters():
        del parameter._mask, parameter.grad, parameter._edges
    vars(model).clear()
    return model

# %% penalty
def penalty(x):
    loss = Tensor.__new__(Tensor)
    loss.requires_grad = True
    return loss
