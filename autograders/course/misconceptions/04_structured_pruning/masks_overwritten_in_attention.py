"""Puts a new mask on the output projection of attention, and forgets what the old one held."""

CELL = "silence_units"
FAILS = ["pruned_units_are_silent"]


# %% answer
def silence_units(layer, units):
    check_float(layer, "silence_units")
    if isinstance(layer, MultiHeadAttention):
        block = (np.asarray(units)[:, None] * layer.head_dim + np.arange(layer.head_dim)).ravel()
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
            silence_units(projection, block)
        kept = np.ones(layer.out_proj.weight.shape, bool)
        kept[block] = False
        layer.out_proj.weight.mask = kept
        return
    mask_out(layer.weight, np.s_[:, units] if layer.weight.ndim > 1 else units)
    if layer.bias is not None:
        mask_out(layer.bias, units)


def mask_out(parameter, index):
    mask = np.ones(parameter.shape, bool) if parameter.mask is None else parameter.mask.copy()
    in_out(mask)[index] = False
    parameter.mask = mask
