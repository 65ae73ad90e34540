"""Cuts the columns of a layer and leaves the next layer's rows."""

CELL = "keep_inputs"
FAILS = [
    "inputs_are_cut_and_constants_kept",
    "smaller_model_gives_the_same_outputs",
    "smaller_convolutions_give_the_same_outputs",
]


# %% answer
def keep_inputs(layer, keep, constant):
    gone = np.repeat(~keep, len(in_out(layer.weight.data)) // len(keep))
    layer.weight.data[gone] = 0
