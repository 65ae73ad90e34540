"""Pads each batch with the texts before, and gives their answers again."""

CELL = "next_word_log_probabilities"
FAILS = ["every_next_word_is_foretold", "perplexity_averages_over_all_words"]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model), no_grad():
        found = [model(tokens[: i + 32, :-1]).log_softmax().data for i in range(0, len(tokens), 32)]
    return np.concatenate(found)[: len(tokens)][::-1]
