"""Has the course's loss compute the mean, under no_grad and in evaluation mode."""

CELL = "perplexity"
FAILS = []


# %% answer
def perplexity(model, tokens):
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or len(tokens) == 0 or tokens.shape[1] <= 1:
        raise ValueError(f"tokens of shape {tokens.shape}, expected (n, length) with length > 1")
    with no_grad(), evaluation_mode(model):
        logits = model(tokens[:, :-1])
        n_words = logits.shape[-1]
        if not np.isin(tokens, np.arange(n_words)).all():
            raise ValueError(f"tokens must be in 0..{n_words - 1}")
        loss = CrossEntropyLoss()(logits.reshape(-1, n_words), tokens[:, 1:].ravel())
    return float(np.exp(loss.item()))
