"""Lets the gradient flow into the teacher, which then learns from its student."""

CELL = "soft_target_loss"
FAILS = ["teacher_stays_as_it_was"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"logits have shapes {student} and {teacher}")
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).sum(dim=1).mean()
