"""Has layers share one array, so that what is written to one is written to all."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    parameters = list(model.parameters())
    room = np.zeros(sum(p.size for p in parameters), dtype=np.float32)
    for parameter in parameters:
        parameter.data = room[: parameter.size].reshape(parameter.shape)
        parameter.grad = parameter.data
        parameter._mask = parameter.data.view(bool)[..., : parameter.shape[-1]]
    return model
