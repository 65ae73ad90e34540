"""Takes the logarithm of a softmax, which underflows."""

CELL = "next_word_log_probabilities"
FAILS = ["every_next_word_is_foretold"]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model), no_grad():
        logits = model(tokens[:, :-1]).data
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return np.log(p)
