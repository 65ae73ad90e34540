"""Draws each batch at random from all inputs, so that some have no turn and others several."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    answers, rng = kd.teacher_logits(inputs).data, np.random.default_rng(seed)
    means = []
    for _ in range(epochs):
        losses = []
        for start in range(0, len(inputs), batch_size):
            rows = rng.integers(len(inputs), size=min(batch_size, len(inputs) - start))
            x, teacher_logits = Tensor(inputs.data[rows]), answers[rows]
            optimizer.zero_grad()
            soft = soft_target_loss(kd.student(x), teacher_logits, kd.temperature)
            hard = CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss = kd.alpha * soft + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(float(np.mean(losses)))
    return means
