"""Reads the arrays of the logits, which plain arrays have not."""

CELL = "knowledge_distillation_class"
FAILS = ["distillation_loss_is_a_valid_number", "invalid_arguments_rejected"]


# %% answer
class KnowledgeDistillation:
    def __init__(self, teacher, student, temperature=3.0, alpha=0.7):
        check_temperature(temperature)
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in [0, 1], got {alpha}")
        self.teacher, self.student = teacher, student
        self.temperature, self.alpha = temperature, alpha

    def loss(self, student_logits, teacher_logits, labels):
        if student_logits.data.shape[0] != len(np.asarray(labels)):
            raise ValueError("not as many labels as rows")
        teacher_logits = teacher_logits.detach()
        soft = soft_target_loss(student_logits, teacher_logits, self.temperature)
        hard = CrossEntropyLoss()(student_logits, labels)
        return self.alpha * soft + (1 - self.alpha) * hard

    def distillation_loss(self, student_logits, teacher_logits, labels):
        return float(self.loss(student_logits, teacher_logits, labels).item())

    def teacher_logits(self, inputs):
        with evaluation_mode(self.teacher), no_grad():
            return self.teacher(inputs)
