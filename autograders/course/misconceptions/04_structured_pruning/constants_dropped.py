"""Cuts the rows and forgets what they added for a constant."""

CELL = "keep_inputs"
FAILS = [
    "inputs_are_cut_and_constants_kept",
    "smaller_model_gives_the_same_outputs",
    "smaller_convolutions_give_the_same_outputs",
]


# %% answer
def keep_inputs(layer, keep, constant):
    keep = np.repeat(keep, len(in_out(layer.weight.data)) // len(keep))
    layer.weight = cut(layer.weight, keep)
    setattr(layer, _sizes(layer)[0], int(keep.sum()))
