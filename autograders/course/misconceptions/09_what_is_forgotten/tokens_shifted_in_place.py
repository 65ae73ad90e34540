"""Writes into the texts of whoever called."""

CELL = "next_word_log_probabilities"
FAILS = [
    "every_next_word_is_foretold",
    "perplexity_averages_over_all_words",
    "unfit_tokens_rejected",
]


# %% answer
def next_word_log_probabilities(model, tokens):
    tokens[:, -1] = 0
    with evaluation_mode(model), no_grad():
        return model(tokens[:, :-1]).log_softmax().data
