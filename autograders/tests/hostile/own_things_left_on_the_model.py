"""Leaves functions and objects of its own on the model, and is right."""

LAB = "02_objects"
SCORE = 2

# %% halve
class Note:
    def __eq__(self, other):
        raise ValueError


def halve(model):
    model.note, model.helper, model.seen = Note(), lambda x: x, {model}
    for parameter in model.parameters():
        parameter.data *= 0.5
    return model
