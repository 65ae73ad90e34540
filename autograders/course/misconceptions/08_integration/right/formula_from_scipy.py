"""Takes the formula from SciPy, row by row, and the logits in float64."""

CELL = "check_distillation"
FAILS = []


# %% answer
def check_distillation(library):
    from scipy.special import log_softmax, rel_entr

    rng = np.random.default_rng(12)
    s, t = rng.uniform(-3, 3, size=(2, 6, 3))
    labels = rng.integers(3, size=6)
    for T, alpha in ((2.0, 0.8), (5.0, 0.25)):
        kd = library.KnowledgeDistillation(Linear(2, 3), Linear(2, 3), T, alpha)
        total, slopes = 0.0, []
        for s_row, t_row, label in zip(s, t, labels, strict=True):
            p, q = np.exp(log_softmax(t_row / T)), np.exp(log_softmax(s_row / T))
            total += alpha * T * T * rel_entr(p, q).sum() - (1 - alpha) * log_softmax(s_row)[label]
            step = np.exp(log_softmax(s_row)) - (np.arange(3) == label)
            slopes.append(alpha * T * (q - p) + (1 - alpha) * step)
        student, teacher = Tensor(s, requires_grad=True), Tensor(t, requires_grad=True)
        for number in (
            float(kd.distillation_loss(student, teacher, labels)),
            kd.loss(student, teacher, labels).item(),
        ):
            assert abs(number * 6 / total - 1) < 1e-3, f"{number} instead of {total / 6}"
        kd.loss(student, teacher, labels).backward()
        assert student.grad is not None, "no gradient reaches the student"
        error = np.abs(6 * student.grad - slopes).max()
        assert error < 1e-3, f"a component of the gradient is off by {error / 6}"
        assert teacher.grad is None, "the teacher's logits get a gradient"
    far = Tensor(np.array([[1e3, -1e3, 0.0]] * 2))
    number = float(kd.distillation_loss(far, Tensor(-far.data), np.array([1, 2])))
    assert np.isfinite(number), f"logits of 1000 give {number}"
