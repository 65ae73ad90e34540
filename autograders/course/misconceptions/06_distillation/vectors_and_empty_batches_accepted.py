"""Asks only that the two shapes are the same, whatever they are."""

CELL = "soft_target_loss"
FAILS = ["invalid_arguments_rejected"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher:
        raise ValueError(f"shapes {student} and {teacher} differ")
    log_p = soft_log_probabilities(np.asarray(teacher_logits), temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).sum(dim=-1).mean()
