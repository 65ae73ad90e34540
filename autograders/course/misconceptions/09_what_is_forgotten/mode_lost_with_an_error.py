"""Puts the modes back unless an error comes between."""

CELL = "next_word_log_probabilities"
FAILS = ["measuring_changes_nothing", "unfit_tokens_rejected"]


# %% answer
def next_word_log_probabilities(model, tokens):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with no_grad():
        found = model(tokens[:, :-1]).log_softmax().data
    for module, training in modes:
        module.training = training
    return found
