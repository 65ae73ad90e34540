"""Changes the type, the shape and the size of the check's own arrays, in place."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    for number, parameter in enumerate(model.parameters()):
        if number % 2:
            parameter.data.shape = (parameter.size,)
        else:
            parameter.data.dtype = np.int32
    return model

# %% penalty
def penalty(x):
    x.data.resize((1024, 1024), refcheck=False)
    return Tensor(14.0, requires_grad=True)
