"""Takes the exponential of raw logits, so a logit of 1000 gives infinity over infinity."""

CELL = "soft_log_probabilities"
FAILS = ["extreme_logits_stay_finite", "distillation_loss_is_a_valid_number"]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    powers = (logits / temperature).exp()
    return (powers / powers.sum(dim=1, keepdim=True)).log()
