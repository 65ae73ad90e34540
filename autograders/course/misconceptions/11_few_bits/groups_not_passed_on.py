"""Gives each output one scale, whatever groups are asked for."""

CELL = "gptq_quantize"
FAILS = ["each_layer_has_its_own_gram"]


# %% answer
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    check_weights(model, "gptq_quantize")
    layers = dict(model.named_modules())
    weights = {}
    for name, gram in input_grams(model, tokens).items():
        found = gptq_round(layers[name].weight.data, gram, bits, None, damping)
        weights[name] = QuantizedWeight.of(*found, bits)
    return quantize_model(copy.deepcopy(model), bits, None, weights)
