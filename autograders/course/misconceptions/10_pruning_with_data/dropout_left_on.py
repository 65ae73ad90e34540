"""Looks at the model in whatever mode it is in."""

CELL = "input_grams"
FAILS = ["looking_changes_nothing"]


# %% answer
def input_grams(model, tokens):
    grams = {}

    def add(name, x):
        rows = x.data.reshape(-1, x.shape[-1]).astype(np.float64)
        if len(rows):
            grams[name] = grams.get(name, 0) + rows.T @ rows

    with no_grad(), observe_inputs(model, add):
        model(tokens)
    for name, layer in model.named_modules():
        if isinstance(layer, Linear) and name not in grams:
            raise ValueError(f"input_grams: no input reached the layer {name or layer}")
    return grams
