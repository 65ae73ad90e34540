"""Writes the divergence as cross-entropy minus the teacher's entropy, in a loop over rows."""

CELL = "soft_target_loss"
FAILS = []


# %% answer
def soft_target_loss(student_logits, teacher_logits, temperature):
    if np.shape(student_logits) != np.shape(teacher_logits) or np.ndim(student_logits) != 2:
        raise ValueError("student and teacher logits must both be (batch, classes)")
    if not len(student_logits):
        raise ValueError("the batch is empty")
    log_p = soft_log_probabilities(np.array(teacher_logits), temperature).data
    log_q = soft_log_probabilities(student_logits, temperature)
    total = 0
    for i in range(len(log_p)):
        p = np.exp(log_p[i])
        total = total + (float((p * log_p[i]).sum()) - (log_q[i] * p).sum())
    return total * (temperature**2 / len(log_p))
