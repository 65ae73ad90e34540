"""Returns one array of a megabyte, a million times over."""

LAB = "02_objects"
SCORE = 0

# %% summary
def summary(model):
    return {"layers.0.weight": [np.zeros(131_072)] * 1_000_000}

# %% penalty
def penalty(x):
    return Tensor(np.broadcast_to(np.float32(14.0), (2**20, 2**20)), requires_grad=True)
