"""Sends inputs and labelled inputs through the student in one batch, and cuts the logits apart."""

CELL = "distill"
FAILS = []


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    answers, rng, n = kd.teacher_logits(inputs), np.random.default_rng(seed), inputs.shape[0]
    kd.student.train()
    epoch_losses = []
    for _ in range(epochs):
        order, losses = rng.permutation(n), []
        for rows in np.array_split(order, range(batch_size, n, batch_size)):
            optimizer.zero_grad()
            logits = kd.student(Tensor(np.concatenate([inputs.data[rows], labelled_inputs.data])))
            soft = soft_target_loss(logits[: len(rows)], answers.data[rows], kd.temperature)
            hard = CrossEntropyLoss()(logits[len(rows) :], labels)
            loss = soft * kd.alpha + hard * (1 - kd.alpha)
            loss.backward()
            optimizer.step()
            losses.append(loss.data)
        epoch_losses.append(sum(losses).item() / len(losses))
    return epoch_losses
