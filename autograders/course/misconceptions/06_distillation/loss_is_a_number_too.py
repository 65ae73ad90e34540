"""Returns a number from loss as well, from which nothing can be learnt."""

CELL = "knowledge_distillation_class"
FAILS = [
    "alpha_mixes_the_two_losses",
    "distillation_loss_is_a_valid_number",
    "teacher_stays_as_it_was",
]


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
        return float((self.alpha * soft + (1 - self.alpha) * hard).item())

    def distillation_loss(self, student_logits, teacher_logits, labels):
        return self.loss(student_logits, teacher_logits, labels)

    def teacher_logits(self, inputs):
        with evaluation_mode(self.teacher), no_grad():
            return self.teacher(inputs)
