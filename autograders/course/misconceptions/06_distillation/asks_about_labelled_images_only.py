"""Asks the teacher about the labelled images only; the others are never looked at."""

CELL = "distill"
FAILS = ["taught_student_beats_the_same_student_alone"]


# %% answer
def distill(kd, optimizer, inputs, labelled_inputs, labels, epochs=10, batch_size=64, seed=0):
    teacher_logits = kd.teacher_logits(labelled_inputs)
    epoch_losses = []
    for _ in range(epochs):
        for _ in range(-(-len(inputs) // batch_size)):
            optimizer.zero_grad()
            loss = kd.loss(kd.student(labelled_inputs), teacher_logits, labels)
            loss.backward()
            optimizer.step()
        epoch_losses.append(loss.item())
    return epoch_losses
