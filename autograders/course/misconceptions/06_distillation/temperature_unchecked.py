"""Takes any temperature; at 0 every logit becomes infinite, and below 0 the classes swap places."""

CELL = "soft_log_probabilities"
FAILS = ["softened_targets_sum_to_one"]


# %% answer
def soft_log_probabilities(logits, temperature):
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    return (logits / temperature).log_softmax()
