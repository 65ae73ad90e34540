"""Takes the logarithm of a softmax that has underflowed."""

CELL = "divergence"
FAILS = ["a_divergence_has_a_direction"]


# %% answer
def divergence(student_logits, teacher_logits, reverse=0.0):
    check_same_shape("divergence", student_logits, teacher_logits)
    if not 0 <= reverse <= 1:
        raise ValueError(
            f"reverse, the weight of KL(student || teacher), is in [0, 1], got {reverse}"
        )
    log_q = student_logits.softmax().log()
    log_p = Tensor(np.asarray(teacher_logits)).log_softmax()
    gap = log_p - log_q
    weight = (1 - reverse) * log_p.exp() - reverse * log_q.exp()
    return (weight * gap).sum(dim=-1).mean()
