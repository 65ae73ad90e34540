"""Writes zeros but sets no masks: training brings the unit back."""

CELL = "silence_units"
FAILS = ["pruned_units_are_silent", "structured_and_unstructured_compose"]


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
    if layer.bias is not None:
        mask_out(layer.bias, units)


def mask_out(parameter, index):
    in_out(parameter.data)[index] = 0
