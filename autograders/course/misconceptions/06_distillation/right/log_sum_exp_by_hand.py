"""Subtracts the largest logit and the logarithm of the sum of exponentials itself."""

CELL = "soft_log_probabilities"
FAILS = []


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    if not isinstance(logits, Tensor):
        logits = Tensor(logits)
    scaled = logits * (1 / temperature)
    shifted = scaled - scaled.data.max(axis=1, keepdims=True)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()
