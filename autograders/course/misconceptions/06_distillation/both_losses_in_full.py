"""Adds the two losses in the lesson, and forgets that alpha divides the weight between them."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    data = TensorDataset(inputs, kd.teacher_logits(inputs))
    batches = DataLoader(data, batch_size, shuffle=True, generator=np.random.default_rng(seed))
    epoch_losses = []
    for _ in range(epochs):
        losses = []
        for x, teacher_logits in batches:
            optimizer.zero_grad()
            soft = soft_target_loss(kd.student(x), teacher_logits, kd.temperature)
            loss = soft + CrossEntropyLoss()(kd.student(labelled_inputs), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        epoch_losses.append(float(np.mean(losses)))
    return epoch_losses
