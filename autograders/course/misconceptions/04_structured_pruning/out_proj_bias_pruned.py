"""Silences units of the output projection, with a bias that all heads share."""

CELL = "silence_units"
FAILS = ["pruned_attention_still_computes", "pruned_units_are_silent"]


# %% answer
def silence_units(layer, units):
    check_float(layer, "silence_units")
    units = np.asarray(units, int)
    if isinstance(layer, MultiHeadAttention):
        block = (units[:, None] * layer.head_dim + np.arange(layer.head_dim)).ravel()
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
            silence_units(projection, block)
        mask_out(layer.out_proj.weight, block)
        if layer.out_proj.bias is not None:
            mask_out(layer.out_proj.bias, block)
        return
    mask_out(layer.weight, np.s_[:, units] if layer.weight.ndim > 1 else units)
    if layer.bias is not None:
        mask_out(layer.bias, units)


def mask_out(parameter, index):
    mask = np.ones(parameter.shape, bool) if parameter.mask is None else parameter.mask.copy()
    in_out(mask)[index] = False
    parameter.mask = mask
