"""Copies the model first and looks its layers up in the copy."""

CELL = "gptq_quantize"
FAILS = []


# %% answer
def gptq_quantize(model, tokens, bits=4, group_size=None, damping=0.01):
    check_weights(model, "gptq_quantize")
    new = copy.deepcopy(model)
    grams = input_grams(new, tokens)
    rounded_weights = {
        name: QuantizedWeight.of(
            *gptq_round(layer.weight.data, grams[name], bits, group_size, damping),
            bits=bits,
            group_size=group_size,
        )
        for name, layer in new.named_modules()
        if name in grams
    }
    return quantize_model(new, bits=bits, group_size=group_size, weights=rounded_weights)
