"""Uses the Gram matrix of the layer behind, where inputs are the outputs of this one."""

CELL = "gptq_quantize"
FAILS = ["each_layer_has_its_own_gram"]


# %% answer
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    check_weights(model, "gptq_quantize")
    layers = dict(model.named_modules())
    weights = {}
    grams = input_grams(model, tokens)
    names = list(grams)
    for name, behind in zip(names, names[1:] + names[:1], strict=True):
        gram = grams[behind if len(grams[behind]) == len(grams[name]) else name]
        found = gptq_round(layers[name].weight.data, gram, bits, group_size, damping)
        weights[name] = QuantizedWeight.of(*found, bits, group_size)
    return quantize_model(copy.deepcopy(model), bits, group_size, weights)
