"""Multiplies the logits by the temperature, which sharpens what should be softened."""

CELL = "soft_log_probabilities"
FAILS = ["softened_targets_sum_to_one", "temperature_squared_keeps_gradients_alike"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    return (logits * temperature).log_softmax()
