"""Asserts what it should raise a ValueError for."""

CELL = "knowledge_distillation_class"
FAILS = ["invalid_arguments_rejected"]


# %% answer
class KnowledgeDistillation:
    def __init__(self, teacher, student, temperature=3.0, alpha=0.7):
        assert 0 < temperature < np.inf
        assert 0 <= alpha <= 1
        self.teacher, self.student = teacher, student
        self.temperature, self.alpha = temperature, alpha

    def loss(self, student_logits, teacher_logits, labels):
        if not isinstance(student_logits, Tensor):
            student_logits = Tensor(student_logits)
        soft = soft_target_loss(student_logits, teacher_logits, self.temperature)
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
