"""Asks for a positive, finite loss that alpha changes; a wrong formula gives one too."""

CELL = "check_distillation"
FAILS = ["distillation_check_catches_planted_bugs"]


# %% answer
def check_distillation(library):
    rng = np.random.default_rng(0)
    student, teacher = (Tensor(rng.normal(size=(4, 10)).astype(np.float32)) for _ in range(2))
    losses = []
    for alpha in (0.1, 0.7, 0.9):
        kd = library.KnowledgeDistillation(Linear(2, 10), Linear(2, 10), 3.0, alpha)
        losses.append(float(kd.distillation_loss(student, teacher, np.array([0, 1, 2, 3]))))
        assert losses[-1] > 0, f"the loss should be positive, got {losses[-1]}"
        assert np.isfinite(losses[-1]), f"the loss should be finite, got {losses[-1]}"
    assert abs(losses[2] - losses[0]) > 0.01, "alpha should change the loss"
