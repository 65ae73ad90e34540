"""Puts every layer in training mode afterwards, also those that were not."""

CELL = "next_word_log_probabilities"
FAILS = ["measuring_changes_nothing", "unfit_tokens_rejected"]


# %% answer
def next_word_log_probabilities(model, tokens):
    model.eval()
    try:
        with no_grad():
            return model(tokens[:, :-1]).log_softmax().data
    finally:
        model.train()
