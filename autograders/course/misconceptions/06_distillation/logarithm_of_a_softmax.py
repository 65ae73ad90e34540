"""Takes the logarithm of a softmax, whose smallest entries have underflowed to 0."""

CELL = "soft_log_probabilities"
FAILS = ["extreme_logits_stay_finite", "distillation_loss_is_a_valid_number"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    return (logits / temperature).softmax().log()
