"""Forgets that a head also owns rows of the output projection."""

CELL = "unit_norms"
FAILS = ["norms_per_output_unit", "pruned_attention_still_computes"]


# %% answer
def unit_norms(layer):
    if isinstance(layer, MultiHeadAttention):
        projections = (layer.q_proj, layer.k_proj, layer.v_proj)
        squares = sum((p.weight.data**2).sum(axis=0) for p in projections)
        return np.sqrt(squares.reshape(layer.num_heads, layer.head_dim).sum(axis=1))
    weight = in_out(layer.weight.data)
    return np.sqrt((weight**2).sum(axis=(0, *range(2, weight.ndim))))
