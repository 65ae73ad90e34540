"""Zeroes a unit's column but leaves its bias, which it says to every input."""

CELL = "silence_units"
FAILS = [
    "pruned_units_are_silent",
    "smallest_units_are_pruned",
    "pruned_attention_still_computes",
    "pruned_conv_still_computes",
]


# %% answer
def silence_units(layer, units):
    check_float(layer, "silence_units")
    units = np.asarray(units, int)
    if isinstance(layer, MultiHeadAttention):
        block = (units[:, None] * layer.head_dim + np.arange(layer.head_dim)).ravel()
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
            silence_units(projection, block)
        mask_out(layer.out_proj.weight, block)
        return
    mask_out(layer.weight, np.s_[:, units] if layer.weight.ndim > 1 else units)
    if layer.weight.ndim == 1:  # the shift of a norm
        mask_out(layer.bias, units)


def mask_out(parameter, index):
    mask = np.ones(parameter.shape, bool) if parameter.mask is None else parameter.mask.copy()
    in_out(mask)[index] = False
    parameter.mask = mask
