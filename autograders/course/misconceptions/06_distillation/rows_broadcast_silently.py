"""Checks no shapes, so one row of the teacher is compared with every row of the student."""

CELL = "soft_target_loss"
FAILS = ["invalid_arguments_rejected"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    log_p = soft_log_probabilities(teacher_logits, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).sum(dim=1).mean()
