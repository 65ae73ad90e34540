"""Reads batches of 32, and forgets those texts that fill no batch."""

CELL = "next_word_log_probabilities"
FAILS = ["every_next_word_is_foretold", "perplexity_averages_over_all_words"]


# %% answer
def next_word_log_probabilities(model, tokens):
    n = len(tokens) if len(tokens) < 32 else len(tokens) // 32 * 32
    with evaluation_mode(model), no_grad():
        found = [model(tokens[i : i + 32, :-1]).log_softmax().data for i in range(0, n, 32)]
    return np.concatenate(found)
