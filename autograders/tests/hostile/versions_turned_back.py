"""Turns the versions of the check's parameters back, and ahead, and makes them other than numbers."""

LAB = "02_objects"
SCORE = 0


# %% halve
def halve(model):
    for number, parameter in enumerate(model.parameters()):
        parameter.data = parameter.data * 0.5
        parameter._version = (-1, 2**63, True)[number % 3]
    return model


# %% penalty
def penalty(x):
    loss = (x * 0).sum()
    loss._version = x._version = 10**30
    loss.data = np.float64(14.0).reshape(())
    return loss
