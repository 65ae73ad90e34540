"""Compares the number and forgets that a loss is there for its gradient."""

CELL = "check_distillation"
FAILS = ["distillation_check_catches_planted_bugs"]


# %% answer
def check_distillation(library):
    T, alpha, n = 3.0, 0.7, 5
    rng = np.random.default_rng(2)
    student, teacher = (
        Tensor(2 * rng.normal(size=(n, 4)).astype(np.float32), requires_grad=True) for _ in range(2)
    )
    labels = np.arange(n) % 4

    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    p, q, hard = softmax(teacher.data / T), softmax(student.data / T), softmax(student.data)
    soft = T**2 * (p * np.log(p / q)).sum(axis=1).mean()
    expected = alpha * soft - (1 - alpha) * np.log(hard[np.arange(n), labels]).mean()
    kd = library.KnowledgeDistillation(Linear(6, 4), Linear(6, 4), temperature=T, alpha=alpha)
    loss = kd.loss(student, teacher, labels)
    for got in (loss.item(), float(kd.distillation_loss(student, teacher, labels))):
        assert np.isclose(got, expected, rtol=1e-3), f"the loss should be {expected}, got {got}"
    huge = [Tensor(1000 * t.data) for t in (student, teacher)]
    assert np.isfinite(float(kd.distillation_loss(*huge, labels))), "large logits overflow"
