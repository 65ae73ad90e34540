"""Loops over units, heads and parameters; np.linalg.norm does the sums."""

CELL = ["unit_norms", "silence_units"]
FAILS = []


# %% answer: unit_norms
def unit_norms(layer):
    if not isinstance(layer, MultiHeadAttention):
        weight = layer.weight.data if isinstance(layer, Conv2d) else layer.weight.data.T
        return np.array([np.linalg.norm(filters) for filters in weight])
    norms = []
    for head in range(layer.num_heads):
        block = slice(head * layer.head_dim, (head + 1) * layer.head_dim)
        parts = [p.weight.data[:, block] for p in (layer.q_proj, layer.k_proj, layer.v_proj)]
        parts.append(layer.out_proj.weight.data[block])
        norms.append(np.linalg.norm(np.concatenate([part.ravel() for part in parts])))
    return norms


# %% answer: silence_units
def silence_units(layer, units):
    check_float(layer, "silence_units")
    for unit in units:
        if isinstance(layer, MultiHeadAttention):
            for column in range(unit * layer.head_dim, (unit + 1) * layer.head_dim):
                for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
                    silence_units(projection, [column])
                kept = np.ones(layer.out_proj.weight.shape)
                kept[column] = 0
                add_mask(layer.out_proj.weight, kept)
            continue
        for parameter in (layer.weight, layer.bias):
            if parameter is not None:
                kept = np.ones(parameter.shape)
                kept[(slice(None), unit) if parameter.ndim == 2 else unit] = 0
                add_mask(parameter, kept)


def add_mask(parameter, kept):
    parameter.mask = kept if parameter.mask is None else kept * parameter.mask
