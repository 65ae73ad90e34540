"""Computes KL(student || teacher): the student may forget what the teacher holds possible."""

CELL = "soft_target_loss"
FAILS = ["kl_goes_from_teacher_to_student"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"logits have shapes {student} and {teacher}")
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature**2 * (log_q.exp() * (log_q - log_p)).sum(dim=1).mean()
