"""Writes both terms out in the class, with one-hot labels, and keeps every module's mode."""

CELL = "knowledge_distillation_class"
FAILS = []

# %% answer
from tinytorch.core.losses import class_labels


class KnowledgeDistillation:
    def __init__(self, teacher, student, temperature=3.0, alpha=0.7):
        if not (temperature > 0 and np.isfinite(temperature)):
            raise ValueError(f"temperature must be positive, got {temperature}")
        if not (alpha >= 0 and alpha <= 1):
            raise ValueError(f"alpha must be between 0 and 1, got {alpha}")
        self.teacher, self.student = teacher, student
        self.temperature, self.alpha = temperature, alpha

    def loss(self, student_logits, teacher_logits, labels):
        z = student_logits if isinstance(student_logits, Tensor) else Tensor(student_logits)
        v = Tensor(np.array(teacher_logits))
        if z.shape != v.shape or z.ndim != 2 or z.shape[0] == 0:
            raise ValueError(f"shapes {z.shape} and {v.shape} do not fit")
        batch, n_classes = z.shape
        targets = np.eye(n_classes, dtype=z.dtype)[class_labels(labels, n_classes, batch)]
        hard = -(z.log_softmax() * targets).sum() / batch
        log_p, log_q = (v / self.temperature).log_softmax(), (z / self.temperature).log_softmax()
        soft = (log_p.exp() * (log_p - log_q)).sum() / batch
        return soft * (self.alpha * self.temperature**2) + hard * (1 - self.alpha)

    def distillation_loss(self, student_logits, teacher_logits, labels):
        return float(self.loss(student_logits, teacher_logits, labels).data)

    def teacher_logits(self, inputs):
        modes = [(module, module.training) for module in self.teacher.modules()]
        self.teacher.eval()
        with no_grad():
            logits = self.teacher.forward(inputs)
        for module, mode in modes:
            module.training = mode
        return logits
