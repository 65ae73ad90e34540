"""Keeps the inputs of all calls and multiplies in the end; restores modes by hand."""

CELL = "input_grams"
FAILS = []


# %% answer
def input_grams(model, tokens):
    modes = {module: module.training for module in model.modules()}
    seen = {name: [] for name, m in model.named_modules() if isinstance(m, Linear)}

    def note(name, x):
        seen[name].append(np.array(x.data, dtype=np.float64).reshape(-1, x.data.shape[-1]))

    try:
        model.eval()
        with no_grad(), observe_inputs(model, note):
            model(tokens)
    finally:
        for module, mode in modes.items():
            module.training = mode
    grams = {}
    for name, parts in seen.items():
        rows = np.concatenate(parts) if parts else np.empty((0, 1))
        if rows.shape[0] == 0:
            raise ValueError(f"layer {name!r} saw no input")
        grams[name] = np.einsum("ni,nj->ij", rows, rows, optimize=True)
    return grams
