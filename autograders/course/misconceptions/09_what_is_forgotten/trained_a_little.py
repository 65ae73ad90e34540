"""Lets the model adapt to the text while it is measured."""

CELL = "next_word_log_probabilities"
FAILS = [
    "every_next_word_is_foretold",
    "measuring_changes_nothing",
    "perplexity_averages_over_all_words",
]


# %% answer
def next_word_log_probabilities(model, tokens):
    with evaluation_mode(model):
        log_q = model(tokens[:, :-1]).log_softmax()
        (-log_q.mean()).backward()
        for p in model.parameters():
            if p.grad is not None:
                p.data -= 0.001 * p.grad
                p.grad = None
    return log_q.data
