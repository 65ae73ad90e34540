"""Adds a small number before the logarithm, which bends every unlikely class."""

CELL = "soft_target_loss"
FAILS = ["kl_goes_from_teacher_to_student", "loss_is_averaged_over_the_batch"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"shapes {student} and {teacher} must be equal and (batch, classes)")
    teacher_data = teacher_logits.data if isinstance(teacher_logits, Tensor) else teacher_logits
    p = soft_log_probabilities(np.asarray(teacher_data), temperature).exp()
    q = soft_log_probabilities(student_logits, temperature).exp()
    divergence = (p * ((p + 1e-3).log() - (q + 1e-3).log())).sum(dim=1)
    return temperature**2 * divergence.mean()
