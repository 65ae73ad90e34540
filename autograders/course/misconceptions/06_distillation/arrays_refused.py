"""Takes tensors only: a plain array has no log_softmax."""

CELL = "soft_log_probabilities"
FAILS = ["softened_targets_sum_to_one"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    return (logits / temperature).log_softmax()
