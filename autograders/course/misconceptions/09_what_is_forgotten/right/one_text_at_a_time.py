"""Reads one text after the other, and stacks what it finds."""

CELL = "next_word_log_probabilities"
FAILS = []


# %% answer
def next_word_log_probabilities(model, tokens):
    found = []
    for text in tokens:
        with evaluation_mode(model), no_grad():
            out = model(text[np.newaxis, : len(text) - 1])
        found.append(out.log_softmax().detach().data[0])
    return np.stack(found)
