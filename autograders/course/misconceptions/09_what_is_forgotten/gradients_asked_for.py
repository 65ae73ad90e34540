"""Keeps gradients in the model that is measured."""

CELL = "next_word_log_probabilities"
FAILS = ["measuring_changes_nothing"]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model):
        log_q = model(tokens[:, :-1]).log_softmax()
        log_q.sum().backward()
    return log_q.data
