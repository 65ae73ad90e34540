"""Switches the teacher to evaluation mode for the lesson, and leaves it so."""

CELL = "distill"
FAILS = ["teacher_stays_as_it_was"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    kd.teacher.eval()
    data = TensorDataset(inputs, kd.teacher_logits(inputs))
    batches = DataLoader(data, batch_size, shuffle=True, generator=np.random.default_rng(seed))
    means = []
    for _ in range(epochs):
        losses = []
        for x, teacher_logits in batches:
            optimizer.zero_grad()
            soft = soft_target_loss(kd.student(x), teacher_logits, kd.temperature)
            hard = CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss = kd.alpha * soft + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(float(np.mean(losses)))
    return means
