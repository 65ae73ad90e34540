"""Leaves out the last batch if it is not full: of few inputs, all of them."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    answers, rng, n = kd.teacher_logits(inputs), np.random.default_rng(seed), inputs.shape[0]
    kd.student.train()
    epoch_losses = []
    for _ in range(epochs):
        order, losses = rng.permutation(n), []
        for start in range(0, n - batch_size + 1, batch_size):
            rows = order[start : start + batch_size]
            optimizer.zero_grad()
            soft = soft_target_loss(
                kd.student(Tensor(inputs.data[rows])), answers.data[rows], kd.temperature
            )
            hard = CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss = kd.alpha * soft + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        epoch_losses.append(float(np.mean(losses)) if losses else 0.0)
    return epoch_losses
