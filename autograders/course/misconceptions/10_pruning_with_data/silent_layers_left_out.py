"""Leaves out a layer that saw nothing, without a word."""

CELL = "input_grams"
FAILS = ["looking_changes_nothing"]


# %% answer
def input_grams(model, tokens):
    grams = {}

    def add(name, x):
        rows = x.data.reshape(-1, x.shape[-1]).astype(np.float64)
        if len(rows):
            grams[name] = grams.get(name, 0) + rows.T @ rows

    with evaluation_mode(model), no_grad(), observe_inputs(model, add):
        model(tokens)
    return grams
