"""Returns the loss of each epoch's last step, where the mean of its steps is asked for."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    answers, rng, n = kd.teacher_logits(inputs), np.random.default_rng(seed), inputs.shape[0]
    kd.student.train()
    epoch_losses = []
    for _ in range(epochs):
        order, losses = rng.permutation(n), []
        for start in range(0, n, batch_size):
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
        epoch_losses.append(losses[-1])
    return epoch_losses
