"""Asserts what it should raise: an assertion can be switched off."""

CELL = "perplexity"
FAILS = ["unfit_tokens_rejected"]


# %% answer
def perplexity(model, tokens):
    assert tokens.ndim == 2
    assert tokens.shape[0] >= 1
    assert tokens.shape[1] >= 2
    log_q = next_word_log_probabilities(model, tokens)
    assert tokens.min() >= 0
    assert tokens.max() < log_q.shape[-1]
    came = np.take_along_axis(log_q, tokens[:, 1:, None], axis=-1)
    return float(np.exp(-came.mean(dtype=np.float64)))
