"""Foretells a word behind the end of each text."""

CELL = "next_word_log_probabilities"
FAILS = [
    "every_next_word_is_foretold",
    "measuring_changes_nothing",
    "perplexity_averages_over_all_words",
    "unfit_tokens_rejected",
    "shares_add_up_to_the_whole",
]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model), no_grad():
        return model(tokens).log_softmax().data
