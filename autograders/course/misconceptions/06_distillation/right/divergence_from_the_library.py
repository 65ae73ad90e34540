"""Uses the stack's KLDivLoss with reduction 'batchmean'."""

CELL = "soft_target_loss"
FAILS = []

# %% answer
from tinytorch import KLDivLoss


def soft_target_loss(student_logits, teacher_logits, temperature):
    if np.ndim(student_logits) != 2 or len(student_logits) == 0:
        raise ValueError(f"logits must be (batch, classes), got {np.shape(student_logits)}")
    fixed = Tensor(np.array(teacher_logits))
    log_p = soft_log_probabilities(fixed, temperature)
    log_q = soft_log_probabilities(student_logits, temperature)
    return KLDivLoss(reduction="batchmean", log_target=True)(log_q, log_p) * temperature**2
