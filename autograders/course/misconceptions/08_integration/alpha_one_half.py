"""Checks the loss at alpha = 1/2, where it does not matter which part alpha weighs."""

CELL = "check_distillation"
FAILS = ["distillation_check_catches_planted_bugs"]


# %% answer
def check_distillation(library):
    T, alpha = 3.0, 0.5
    rng = np.random.default_rng(2)
    student, teacher = (
        Tensor(2 * rng.normal(size=(5, 4)).astype(np.float32), requires_grad=True) for _ in range(2)
    )
    labels = np.array([0, 3, 1, 2, 2])

    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    p, q = softmax(teacher.data / T), softmax(student.data / T)
    kl = (p * np.log(p / q)).sum(axis=1).mean()
    ce = -np.log(softmax(student.data)[np.arange(5), labels]).mean()
    expected = alpha * T**2 * kl + (1 - alpha) * ce
    slope = (alpha * T * (q - p) + (1 - alpha) * (softmax(student.data) - np.eye(4)[labels])) / 5
    kd = library.KnowledgeDistillation(Linear(6, 4), Linear(6, 4), temperature=T, alpha=alpha)
    got = float(kd.distillation_loss(student, teacher, labels))
    assert np.isclose(got, expected, rtol=1e-3), f"expected {expected}, got {got}"
    loss = kd.loss(student, teacher, labels)
    assert np.isclose(loss.item(), expected, rtol=1e-3), "loss() is another number"
    loss.backward()
    assert student.grad is not None, "the student gets no gradient"
    assert np.allclose(student.grad, slope, atol=1e-4), "the student's gradient is wrong"
    assert teacher.grad is None, "the teacher is trained"
    huge = [Tensor(1000 * t.data) for t in (student, teacher)]
    assert np.isfinite(float(kd.distillation_loss(*huge, labels))), "large logits overflow"
