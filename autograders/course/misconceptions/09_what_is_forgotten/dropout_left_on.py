"""Measures in the mode that the model is in."""

CELL = "next_word_log_probabilities"
FAILS = ["measuring_changes_nothing"]


# %% answer
def next_word_log_probabilities(model, tokens):
    with no_grad():
        return model(tokens[:, :-1]).log_softmax().data
