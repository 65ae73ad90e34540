"""Takes the inputs from a model that is rounded up to this layer."""

CELL = "gptq_quantize"
FAILS = ["each_layer_has_its_own_gram"]


# %% answer
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    check_weights(model, "gptq_quantize")
    so_far = copy.deepcopy(model)
    layers = dict(so_far.named_modules())
    weights = {}
    for name in input_grams(model, tokens):
        gram = input_grams(so_far, tokens)[name]
        found = gptq_round(layers[name].weight.data, gram, bits, group_size, damping)
        weights[name] = QuantizedWeight.of(*found, bits, group_size)
        layers[name].weight.data[...] = weights[name].dequantize()
    return quantize_model(copy.deepcopy(model), bits, group_size, weights)
