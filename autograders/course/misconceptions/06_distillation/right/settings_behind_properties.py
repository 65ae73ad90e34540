"""Checks settings in properties, and remembers the mode of every layer."""

CELL = ["knowledge_distillation_class", "soft_target_loss"]
FAILS = []


# %% answer: knowledge_distillation_class
class KnowledgeDistillation:
    def __init__(self, teacher, student, temperature=3.0, alpha=0.7):
        self.teacher, self.student = teacher, student
        self.temperature = temperature
        self.alpha = alpha

    @property
    def temperature(self):
        return self._temperature

    @temperature.setter
    def temperature(self, value):
        check_temperature(value)
        self._temperature = float(value)

    @property
    def alpha(self):
        return self._alpha

    @alpha.setter
    def alpha(self, value):
        if not (np.isfinite(value) and 0 <= value <= 1):
            raise ValueError(f"alpha is a fraction between 0 and 1, not {value}")
        self._alpha = float(value)

    def loss(self, student_logits, teacher_logits, labels):
        terms = [
            (self.alpha, soft_target_loss(student_logits, teacher_logits, self.temperature)),
            (1 - self.alpha, CrossEntropyLoss()(_as_tensor(student_logits), labels)),
        ]
        first, *rest = [weight * term for weight, term in terms if weight]
        return first + rest[0] if rest else first

    def distillation_loss(self, student_logits, teacher_logits, labels):
        with no_grad():
            return self.loss(student_logits, teacher_logits, labels).data.item()

    def teacher_logits(self, inputs):
        modes = {module: module.training for module in self.teacher.modules()}
        try:
            self.teacher.eval()
            with no_grad():
                return self.teacher.forward(inputs).detach()
        finally:
            for module, mode in modes.items():
                module.training = mode


# %% answer: soft_target_loss
def _as_tensor(logits):
    return logits if isinstance(logits, Tensor) else Tensor(np.asarray(logits, dtype=np.float32))


def soft_target_loss(student_logits, teacher_logits, temperature):
    z, v = _as_tensor(student_logits), _as_tensor(teacher_logits).data
    if z.shape != v.shape or v.ndim != 2 or not len(v):
        raise ValueError(f"shapes {z.shape} and {v.shape} are not one shape (batch, classes)")
    log_p = soft_log_probabilities(v, temperature).data
    log_q = soft_log_probabilities(z, temperature)
    entropy = -(np.exp(log_p) * log_p).sum()
    return (-(log_q * np.exp(log_p)).sum() - float(entropy)) * (temperature**2 / v.shape[0])
