"""Divides the caller's logits in place, so that each call softens them once more."""

CELL = "soft_log_probabilities"
FAILS = ["softened_targets_sum_to_one"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    if isinstance(logits, Tensor):
        return (logits / temperature).log_softmax()
    logits /= temperature
    return Tensor(logits).log_softmax()
