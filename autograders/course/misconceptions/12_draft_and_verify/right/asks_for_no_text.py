"""Lets the student write no text at all where all are given, and keeps it in training mode."""

CELL = "on_policy_distill"
FAILS = []


# %% answer
def on_policy_distill(
    teacher, student, optimizer, texts, epochs=10, batch_size=8, own=1.0, reverse=0.0, seed=0
):
    if np.ndim(texts) != 2 or not len(texts) or np.shape(texts)[1] < 2:
        raise ValueError(f"texts must be of shape (n, length), got {np.shape(texts)}")
    if not (0 <= own <= 1 and 0 <= reverse <= 1):
        raise ValueError(f"own and reverse are shares in [0, 1], got {own} and {reverse}")
    rng = np.random.default_rng(seed)
    n, length = np.shape(texts)
    losses = []
    for _ in range(epochs):
        now = np.array(texts)
        mine = rng.permutation(n)[: round(own * n)]
        with evaluation_mode(student):
            now[mine] = student.generate(
                now[mine, :1], length - 1, generator=rng, cache=KVCache(student)
            )
        with evaluation_mode(teacher), no_grad():
            says = teacher(now[:, :-1]).data
        student.train()
        order, epoch = rng.permutation(n), []
        for begin in range(0, n, batch_size):
            rows = order[begin : begin + batch_size]
            loss = divergence(student(now[rows, :-1]), says[rows], reverse)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch.append(loss.item())
        losses.append(float(np.mean(epoch)))
    return losses
