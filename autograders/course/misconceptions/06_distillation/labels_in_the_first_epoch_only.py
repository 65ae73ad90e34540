"""Has the labels heard in the first epoch, and never again."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    data = TensorDataset(inputs, kd.teacher_logits(inputs))
    batches = DataLoader(data, batch_size, shuffle=True, generator=np.random.default_rng(seed))
    means = []
    for _ in range(epochs):
        losses = []
        for x, teacher_logits in batches:
            optimizer.zero_grad()
            soft = soft_target_loss(kd.student(x), teacher_logits, kd.temperature)
            loss = kd.alpha * soft
            if not means:
                hard = CrossEntropyLoss()(kd.student(labelled_inputs), labels)
                loss = loss + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(float(np.mean(losses)))
    return means
