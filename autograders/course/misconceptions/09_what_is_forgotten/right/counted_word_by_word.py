"""Checks everything first, and adds up the losses in a loop."""

CELL = "perplexity"
FAILS = []


# %% answer
import math


def perplexity(model, tokens):
    tokens = np.array(tokens)
    if tokens.ndim != 2 or 0 in tokens.shape or tokens.shape[1] == 1:
        raise ValueError(f"tokens must be (n, length) with two words at least, got {tokens.shape}")
    if (tokens < 0).any():
        raise ValueError("a token is negative")
    log_q = next_word_log_probabilities(model, tokens)
    total = count = 0
    for text, given in zip(tokens, log_q, strict=True):
        for word, q in zip(text[1:], given, strict=True):
            if word >= len(q):
                raise ValueError(f"the model knows words 0..{len(q) - 1}, got {word}")
            total -= float(q[word])
            count += 1
    return math.exp(total / count)
