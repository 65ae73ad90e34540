"""Computes with the student's array, so that no gradient reaches the student."""

CELL = "soft_target_loss"
FAILS = ["gradient_reaches_the_student", "taught_student_beats_the_same_student_alone"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"logits have shapes {student} and {teacher}")
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(np.asarray(student_logits), temperature)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).sum(dim=1).mean()
