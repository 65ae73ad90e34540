"""Takes the length of the first parameter for the number of words."""

CELL = "perplexity"
FAILS = ["unfit_tokens_rejected"]


# %% answer
def perplexity(model, tokens):
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or tokens.shape[0] < 1 or tokens.shape[1] < 2:
        raise ValueError(f"expected tokens of shape (n, length), got {tokens.shape}")
    log_q = next_word_log_probabilities(model, tokens)
    if tokens.min() < 0 or tokens.max() >= len(next(iter(model.parameters())).data):
        raise ValueError(f"unknown tokens: {tokens.min()}..{tokens.max()}")
    came = np.take_along_axis(log_q, tokens[:, 1:, None], axis=-1)
    return float(np.exp(-came.mean()))
