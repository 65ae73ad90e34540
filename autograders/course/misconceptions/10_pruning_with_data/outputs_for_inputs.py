"""Takes the Gram matrix of what comes out of a layer, not of what goes in."""

CELL = "input_grams"
FAILS = ["grams_are_sums_over_every_row"]


# %% answer
def input_grams(model, tokens):
    grams = {}

    layers = dict(model.named_modules())

    def add(name, x):
        x = layers[name].forward(x)
        rows = x.data.reshape(-1, x.shape[-1]).astype(np.float64)
        if len(rows):
            grams[name] = grams.get(name, 0) + rows.T @ rows

    with evaluation_mode(model), no_grad(), observe_inputs(model, add):
        model(tokens)
    for name, layer in model.named_modules():
        if isinstance(layer, Linear) and name not in grams:
            raise ValueError(f"input_grams: no input reached the layer {name or layer}")
    return grams
