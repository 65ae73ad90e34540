"""Reads whole texts, which are one word too long, and drops the last answer."""

CELL = "next_word_log_probabilities"
FAILS = [
    "every_next_word_is_foretold",
    "measuring_changes_nothing",
    "unfit_tokens_rejected",
    "shares_add_up_to_the_whole",
]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model), no_grad():
        return model(tokens).log_softmax().data[:, :-1]
