"""Takes the logarithm of both softmaxes in the loss, where small probabilities are 0."""

CELL = "soft_target_loss"
FAILS = ["distillation_loss_is_a_valid_number"]


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    student, teacher = np.shape(student_logits), np.shape(teacher_logits)
    if student != teacher or len(student) != 2 or student[0] == 0:
        raise ValueError(f"logits have shapes {student} and {teacher}")
    p = soft_log_probabilities(np.asarray(teacher_logits), temperature).exp()
    q = soft_log_probabilities(student_logits, temperature).exp()
    return temperature**2 * (p * (p.log() - q.log())).sum(dim=1).mean()
