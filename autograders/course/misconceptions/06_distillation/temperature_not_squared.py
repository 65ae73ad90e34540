"""Multiplies by T where the gradient shrinks like 1/T**2."""

CELL = "soft_target_loss"
FAILS = ["temperature_squared_keeps_gradients_alike"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"logits have shapes {student} and {teacher}")
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature * (log_p.exp() * (log_p - log_q)).sum(dim=1).mean()
