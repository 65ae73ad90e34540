"""Divides the log-probabilities by the temperature after the softmax; they no longer sum to 1."""

CELL = "soft_log_probabilities"
FAILS = ["softened_targets_sum_to_one", "temperature_squared_keeps_gradients_alike"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    return logits.log_softmax() / temperature
