"""Takes logits for log-probabilities."""

CELL = "next_word_log_probabilities"
FAILS = ["every_next_word_is_foretold", "perplexity_averages_over_all_words"]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model), no_grad():
        return model(tokens[:, :-1]).data
