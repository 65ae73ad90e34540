"""Asks the teacher again for every batch, and draws the batches from a permutation."""

CELL = "distill"
FAILS = []


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    order = np.random.default_rng(seed + 1)
    kd.student.train(True)
    epoch_losses = []
    for _ in range(epochs):
        rows, total, steps = order.permutation(inputs.shape[0]), 0.0, 0
        for start in range(0, len(rows), batch_size):
            x = Tensor(inputs.data[rows[start : start + batch_size]])
            answers = kd.teacher_logits(x)
            optimizer.zero_grad()
            loss = (1 - kd.alpha) * CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss = loss + kd.alpha * soft_target_loss(kd.student(x), answers, kd.temperature)
            loss.backward()
            optimizer.step()
            total, steps = total + loss.item(), steps + 1
        epoch_losses.append(total / steps)
    return epoch_losses
