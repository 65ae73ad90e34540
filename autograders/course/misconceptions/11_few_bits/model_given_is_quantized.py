"""Replaces the layers of the model that it was given."""

CELL = "gptq_quantize"
FAILS = ["model_given_is_unchanged"]


# %% answer
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    check_weights(model, "gptq_quantize")
    layers = dict(model.named_modules())
    weights = {}
    for name, gram in input_grams(model, tokens).items():
        found = gptq_round(layers[name].weight.data, gram, bits, group_size, damping)
        weights[name] = QuantizedWeight.of(*found, bits, group_size)
    return quantize_model(model, bits, group_size, weights)
