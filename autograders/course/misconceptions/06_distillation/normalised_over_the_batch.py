"""Normalises each class over the batch where each row should sum to 1."""

CELL = "soft_log_probabilities"
FAILS = [
    "softened_targets_sum_to_one",
    "extreme_logits_stay_finite",
    "kl_goes_from_teacher_to_student",
    "loss_is_averaged_over_the_batch",
    "taught_student_beats_the_same_student_alone",
]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    logits = logits if isinstance(logits, Tensor) else Tensor(logits)
    return (logits / temperature).log_softmax(dim=0)
