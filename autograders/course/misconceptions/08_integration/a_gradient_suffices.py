"""Asks whether the student gets a gradient, and not which."""

CELL = "check_distillation"
FAILS = ["distillation_check_catches_planted_bugs"]


# %% answer
def check_distillation(library):
    T, alpha = 4.0, 0.6
    rng = np.random.default_rng(2)
    student = Tensor(2 * rng.normal(size=(5, 4)).astype(np.float32), requires_grad=True)
    teacher = Tensor(2 * rng.normal(size=(5, 4)).astype(np.float32), requires_grad=True)
    labels = np.array([0, 3, 1, 2, 2])

    def softmax(logits):
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    p, q = softmax(teacher.data / T), softmax(student.data / T)
    hard, onehot = softmax(student.data), np.eye(4)[labels]
    divergence = (p * np.log(p / q)).sum(axis=1).mean()
    expected = alpha * T**2 * divergence - (1 - alpha) * np.log(hard[onehot == 1]).mean()

    kd = library.KnowledgeDistillation(Linear(6, 4), Linear(6, 4), temperature=T, alpha=alpha)
    got = float(kd.distillation_loss(student, teacher, labels))
    assert np.isclose(got, expected, rtol=1e-3), f"the loss should be {expected}, got {got}"
    loss = kd.loss(student, teacher, labels)
    assert np.isclose(loss.item(), expected, rtol=1e-3), f"loss() gives {loss.item()}"
    assert loss.requires_grad, "the loss is cut off from the student: nothing would be learnt"
    loss.backward()
    assert np.abs(student.grad).max() > 0, "the student gets no gradient"
    assert teacher.grad is None or not teacher.grad.any(), "the teacher is being trained"
    huge = [Tensor(1000 * t.data) for t in (student, teacher)]
    assert np.isfinite(float(kd.distillation_loss(*huge, labels))), "large logits overflow"
