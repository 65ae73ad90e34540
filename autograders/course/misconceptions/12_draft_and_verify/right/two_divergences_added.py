"""Computes both divergences and adds them with their weights."""

CELL = "divergence"
FAILS = []


# %% answer
def divergence(student_logits, teacher_logits, reverse=0.0):
    check_same_shape("divergence", student_logits, teacher_logits)
    if not 0 <= reverse <= 1:
        raise ValueError(f"reverse must be in [0, 1], got {reverse}")
    words = student_logits.shape[-1]
    q = student_logits.reshape(-1, words).log_softmax()
    p = Tensor(np.array(teacher_logits).reshape(-1, words)).log_softmax().detach()
    forward = (p.exp() * (p - q)).sum(dim=1).mean()
    backward = (q.exp() * (q - p)).sum(dim=1).mean()
    return (1 - reverse) * forward + reverse * backward
