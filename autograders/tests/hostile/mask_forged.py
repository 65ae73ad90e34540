"""Hides masks of the wrong shape and kind in the parameters."""

LAB = "02_objects"
SCORE = 0

# %% halve
class Mask:
    def __invert__(self):
        return np.True_

    def __array__(self, dtype=None, copy=None):
        return np.zeros((2**20, 3), bool)


def halve(model):
    for number, parameter in enumerate(model.parameters()):
        parameter._mask = [Mask(), np.zeros((7, 7)), "mask"][number % 3]
    return model
