"""Adds up absolute values, the L1 norm, where the L2 norm is asked for."""

CELL = "unit_norms"
FAILS = [
    "norms_per_output_unit",
    "smallest_units_are_pruned",
    "pruned_attention_still_computes",
]


# %% answer
def unit_norms(layer):
    if isinstance(layer, MultiHeadAttention):
        blocks = (layer.num_heads, layer.head_dim, -1)
        parts = [p.weight.data.T for p in (layer.q_proj, layer.k_proj, layer.v_proj)]
        parts.append(layer.out_proj.weight.data)
        return sum(np.abs(p).sum(axis=1).reshape(blocks).sum(axis=(1, 2)) for p in parts)
    weight = in_out(layer.weight.data)
    return np.abs(weight).sum(axis=(0, *range(2, weight.ndim)))
