"""Takes the mean over rows and classes together; the sum over classes is part of the divergence."""

CELL = "soft_target_loss"
FAILS = ["loss_is_averaged_over_the_batch"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"logits have shapes {student} and {teacher}")
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).mean()
