"""Returns early when alpha is 1, so labels that do not fit go unnoticed."""

CELL = "knowledge_distillation_class"
FAILS = ["invalid_arguments_rejected"]


# %% answer
class KnowledgeDistillation:
    def __init__(self, teacher, student, temperature=3.0, alpha=0.7):
        check_temperature(temperature)
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in [0, 1], got {alpha}")
        self.teacher, self.student = teacher, student
        self.temperature, self.alpha = temperature, alpha

    def loss(self, student_logits, teacher_logits, labels):
        if not isinstance(student_logits, Tensor):
            student_logits = Tensor(student_logits)
        soft = soft_target_loss(student_logits, teacher_logits, self.temperature)
        if self.alpha == 1:
            return soft
        hard = CrossEntropyLoss()(student_logits, labels)
        return self.alpha * soft + (1 - self.alpha) * hard

    def distillation_loss(self, student_logits, teacher_logits, labels):
        return float(self.loss(student_logits, teacher_logits, labels).item())

    def teacher_logits(self, inputs):
        was_training = self.teacher.training
        self.teacher.eval()
        with no_grad():
            logits = self.teacher(inputs)
        self.teacher.train(was_training)
        return logits
