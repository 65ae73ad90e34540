"""Takes the cross-entropy with soft targets, and leaves the teacher's entropy in it."""

CELL = "soft_target_loss"
FAILS = [
    "kl_goes_from_teacher_to_student",
    "loss_is_averaged_over_the_batch",
    "temperature_squared_keeps_gradients_alike",
]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"shapes {student} and {teacher} do not fit")
    if isinstance(teacher_logits, Tensor):
        teacher_logits = teacher_logits.detach()
    p = soft_log_probabilities(teacher_logits, temperature).exp()
    log_q = soft_log_probabilities(student_logits, temperature)
    return temperature**2 * -(p * log_q).sum(dim=1).mean()
