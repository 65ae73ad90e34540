"""Asks the teacher about each batch, and lets the student write text by text."""

CELL = "on_policy_distill"
FAILS = []


# %% answer
def on_policy_distill(
    teacher, student, optimizer, texts, epochs=10, batch_size=8, own=1.0, reverse=0.0, seed=0
):
    if np.ndim(texts) != 2 or not len(texts) or np.shape(texts)[1] < 2:
        raise ValueError(f"texts of shape (n, length) are needed, got {np.shape(texts)}")
    if not (0 <= own <= 1 and 0 <= reverse <= 1):
        raise ValueError(f"own and reverse are shares in [0, 1], got {own} and {reverse}")
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(epochs):
        read = np.array(texts)
        for i in rng.choice(len(read), size=round(own * len(read)), replace=False):
            student.eval()
            read[i] = student.generate(read[i : i + 1, :1], read.shape[1] - 1, generator=rng)[0]
        student.train()
        rng.shuffle(read)
        total, steps = 0.0, 0
        for batch in np.split(read, range(batch_size, len(read), batch_size)):
            with evaluation_mode(teacher), no_grad():
                says = teacher(batch[:, :-1])
            loss = divergence(student(batch[:, :-1]), says, reverse)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, steps = total + loss.item(), steps + 1
        means.append(total / steps)
    return means
