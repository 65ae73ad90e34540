"""Shuffles the images, and takes the teacher's answers in the order in which they were given."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    answers = kd.teacher_logits(inputs).data
    batches = DataLoader(
        TensorDataset(inputs), batch_size, shuffle=True, generator=np.random.default_rng(seed)
    )
    kd.student.train()
    epoch_losses = []
    for _ in range(epochs):
        losses, start = [], 0
        for batch in batches:
            x = batch[0] if isinstance(batch, list | tuple) else batch
            optimizer.zero_grad()
            n = x.shape[0]
            soft = soft_target_loss(kd.student(x), answers[start : start + n], kd.temperature)
            hard = CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss = kd.alpha * soft + (1 - kd.alpha) * hard
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            start += n
        epoch_losses.append(float(np.mean(losses)))
    return epoch_losses
