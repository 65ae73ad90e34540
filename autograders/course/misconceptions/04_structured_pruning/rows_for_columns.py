"""Measures rows, the inputs of a layer, where a unit is a column."""

CELL = "unit_norms"
FAILS = [
    "norms_per_output_unit",
    "smallest_units_are_pruned",
    "norms_are_pruned_with_their_channels",
    "ignored_layers_keep_the_logits",
    "structured_and_unstructured_compose",
    "pruned_conv_still_computes",
    "invalid_prune_ratio_rejected",
]


# %% answer
def unit_norms(layer):
    if isinstance(layer, MultiHeadAttention):
        blocks = (layer.num_heads, layer.head_dim, -1)
        parts = [p.weight.data.T for p in (layer.q_proj, layer.k_proj, layer.v_proj)]
        parts.append(layer.out_proj.weight.data)
        return np.sqrt(sum((p**2).sum(axis=1).reshape(blocks).sum(axis=(1, 2)) for p in parts))
    weight = in_out(layer.weight.data)
    return np.sqrt((weight**2).sum(axis=(1, *range(2, weight.ndim))))
