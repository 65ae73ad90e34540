"""Wraps logits that are a tensor already, which cuts their graph off."""

CELL = "soft_log_probabilities"
FAILS = [
    "extreme_logits_stay_finite",
    "gradient_reaches_the_student",
    "taught_student_beats_the_same_student_alone",
]


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    return (Tensor(np.asarray(logits)) / temperature).log_softmax()
