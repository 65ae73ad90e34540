"""Asks the teacher with its dropout active, so it says something else every time."""

CELL = "knowledge_distillation_class"
FAILS = ["teacher_stays_as_it_was"]


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
        hard = CrossEntropyLoss()(student_logits, labels)
        return self.alpha * soft + (1 - self.alpha) * hard

    def distillation_loss(self, student_logits, teacher_logits, labels):
        return float(self.loss(student_logits, teacher_logits, labels).item())

    def teacher_logits(self, inputs):
        with no_grad():
            return self.teacher(inputs)
