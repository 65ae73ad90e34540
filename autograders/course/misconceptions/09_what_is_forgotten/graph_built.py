"""Builds a graph that nobody will use."""

CELL = "next_word_log_probabilities"
FAILS = ["measuring_changes_nothing"]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model):
        return model(tokens[:, :-1]).log_softmax().data
