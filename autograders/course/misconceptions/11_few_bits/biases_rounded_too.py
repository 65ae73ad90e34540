"""Rounds biases as well, which are to stay as they are."""

CELL = "gptq_quantize"
FAILS = ["each_layer_has_its_own_gram"]


# %% answer
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    check_weights(model, "gptq_quantize")
    layers = dict(model.named_modules())
    weights = {}
    for name, gram in input_grams(model, tokens).items():
        found = gptq_round(layers[name].weight.data, gram, bits, group_size, damping)
        weights[name] = QuantizedWeight.of(*found, bits, group_size)
    small = quantize_model(copy.deepcopy(model), bits, group_size, weights)
    for p in small.parameters():
        if p.ndim == 1:
            scale = np.abs(p.data).max() / (2 ** (bits - 1) - 1)
            p.data[...] = to_integers(p.data, scale, bits) * scale
    return small
