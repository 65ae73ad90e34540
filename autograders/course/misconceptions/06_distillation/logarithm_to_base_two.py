"""Measures the divergence in bits, so that a constant factor is in front."""

CELL = "soft_target_loss"
FAILS = ["loss_is_averaged_over_the_batch"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"shapes {student} and {teacher} do not fit")
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    bits = (log_p.exp() * (log_p - log_q)).sum(dim=1) / np.log(2)
    return temperature**2 * bits.mean()
