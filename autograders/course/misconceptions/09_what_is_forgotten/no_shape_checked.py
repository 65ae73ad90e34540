"""Measures whatever comes, in whatever shape."""

CELL = "perplexity"
FAILS = ["unfit_tokens_rejected"]


# %% answer
def perplexity(model, tokens):
    log_q = next_word_log_probabilities(model, tokens)
    if tokens.size and (tokens.min() < 0 or tokens.max() >= log_q.shape[-1]):
        raise ValueError(f"unknown tokens: {tokens.min()}..{tokens.max()}")
    came = np.take_along_axis(log_q, tokens[:, 1:, None], axis=-1)
    return float(np.exp(-came.mean(dtype=np.float64)))
