"""Leaves the model in evaluation mode."""

CELL = "next_word_log_probabilities"
FAILS = ["measuring_changes_nothing", "unfit_tokens_rejected"]


# %% answer
def next_word_log_probabilities(model, tokens):
    model.eval()
    with no_grad():
        return model(tokens[:, :-1]).log_softmax().data
