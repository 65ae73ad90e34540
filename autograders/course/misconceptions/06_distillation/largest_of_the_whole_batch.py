"""Subtracts the largest logit of the batch, which leaves nothing of a row that lies far below."""

CELL = "soft_log_probabilities"
FAILS = ["extreme_logits_stay_finite"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    scaled = logits / temperature
    scaled = scaled - float(scaled.data.max())
    return scaled - scaled.exp().sum(dim=1, keepdim=True).log()
