"""Subtracts the logarithm of the sum itself, in float64, and keeps the modes itself."""

CELL = "next_word_log_probabilities"
FAILS = []


# %% answer
def next_word_log_probabilities(model, tokens):
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        with no_grad():
            logits = model(tokens[:, :-1]).data.astype(np.float64)
    finally:
        for module, mode in modes.items():
            module.training = mode
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
