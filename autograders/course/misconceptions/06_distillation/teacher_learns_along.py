"""Runs the teacher in the lesson itself, in training mode and with its graph: it changes."""

CELL = "distill"
FAILS = ["teacher_stays_as_it_was"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    order = np.random.default_rng(seed)
    kd.student.train()
    kd.teacher.train()
    epoch_losses = []
    for _ in range(epochs):
        losses = []
        for rows in np.array_split(order.permutation(len(inputs)), -(-len(inputs) // batch_size)):
            optimizer.zero_grad()
            x = Tensor(inputs.data[rows])
            soft = soft_target_loss(kd.student(x), kd.teacher(x), kd.temperature)
            hard = CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss = kd.alpha * soft + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        epoch_losses.append(float(np.mean(losses)))
    return epoch_losses
