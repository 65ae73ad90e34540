"""Sets the mode itself, and leaves it when it refuses a token."""

CELL = "perplexity"
FAILS = ["unfit_tokens_rejected"]


# %% answer
def perplexity(model, tokens):
    if tokens.ndim != 2 or tokens.shape[0] < 1 or tokens.shape[1] < 2:
        raise ValueError(f"expected tokens of shape (n, length), got {tokens.shape}")
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with no_grad():
        log_q = model(tokens[:, :-1]).log_softmax().data
    if tokens.min() < 0 or tokens.max() >= log_q.shape[-1]:
        raise ValueError(f"unknown tokens: {tokens.min()}..{tokens.max()}")
    for module, training in modes:
        module.training = training
    came = np.take_along_axis(log_q, tokens[:, 1:, None], axis=-1)
    return float(np.exp(-came.mean(dtype=np.float64)))
