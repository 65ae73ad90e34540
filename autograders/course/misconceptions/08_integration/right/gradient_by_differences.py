"""Holds the gradient of distillation against differences of the loss."""

CELL = "check_distillation"
FAILS = []


# %% answer
def check_distillation(library):
    T, alpha = 2.0, 0.6
    rng = np.random.default_rng(8)
    s, t = rng.normal(size=(3, 5)), 2 * rng.normal(size=(3, 5))
    labels = [4, 0, 2]

    def log_softmax(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    def formula(s):
        log_p, log_q = log_softmax(t / T), log_softmax(s / T)
        kl = sum(float(np.exp(a) @ (a - b)) for a, b in zip(log_p, log_q, strict=True)) / 3
        ce = -sum(log_softmax(s)[i, k] for i, k in enumerate(labels)) / 3
        return alpha * T * T * kl + (1 - alpha) * ce

    kd = library.KnowledgeDistillation(Linear(1, 5), Linear(1, 5), temperature=T, alpha=alpha)
    student, teacher = (Tensor(z.astype(np.float32), requires_grad=True) for z in (s, t))
    number = float(kd.distillation_loss(student, teacher, np.array(labels)))
    assert abs(number - formula(s)) < 1e-3 * formula(s), f"{number} instead of {formula(s)}"
    loss = kd.loss(student, teacher, np.array(labels))
    assert abs(loss.item() - number) < 1e-4, "loss and distillation_loss disagree"
    try:
        loss.backward()
    except RuntimeError as error:
        raise AssertionError(f"no gradient reaches the student: {error}") from error
    assert student.grad is not None, "no gradient reaches the student"
    for place in np.ndindex(3, 5):
        up, down = s.copy(), s.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope = (formula(up) - formula(down)) / 2e-5
        assert abs(student.grad[place] - slope) < 1e-3, f"the gradient at {place} is wrong"
    assert teacher.grad is None or np.all(teacher.grad == 0), "the teacher gets a gradient"
    far = Tensor(np.array([[1000.0, -1000.0, 0, 0, 0]], np.float32))
    near = Tensor(np.zeros((1, 5), np.float32))
    for pair in ((far, near), (near, far), (far, far)):
        value = float(kd.distillation_loss(*pair, np.array([0])))
        assert np.isfinite(value), f"large logits give {value}"
