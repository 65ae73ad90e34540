"""Shuffles the numbers of the inputs itself, in each epoch, and asks the teacher in the loop."""

CELL = "distill"
FAILS = []


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    rng = np.random.default_rng([seed, 6])
    criterion = CrossEntropyLoss()
    means = []
    for _ in range(epochs):
        losses = []
        order = rng.permutation(len(inputs))
        for start in range(0, len(inputs), batch_size):
            x = Tensor(inputs.data[order[start : start + batch_size]])
            teacher_logits = kd.teacher_logits(x)
            optimizer.zero_grad()
            soft = soft_target_loss(kd.student(x), teacher_logits, kd.temperature)
            hard = criterion(kd.student(labelled_inputs), labels)
            loss = kd.alpha * soft + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(float(np.mean(losses)))
    return means
