"""Goes through the texts in the order in which they came."""

CELL = "on_policy_distill"
FAILS = ["a_lesson_on_texts_of_its_own"]


# %% answer
def on_policy_distill(
    teacher, student, optimizer, texts, epochs=10, batch_size=8, own=1.0, reverse=0.0, seed=0
):
    if np.ndim(texts) != 2 or not len(texts) or np.shape(texts)[1] < 2:
        raise ValueError(
            f"texts must be of shape (n, length), n at least 1, length 2; got {np.shape(texts)}"
        )
    if not (0 <= own <= 1 and 0 <= reverse <= 1):
        raise ValueError(f"own and reverse are shares in [0, 1], got {own} and {reverse}")
    rng, (n, length) = np.random.default_rng(seed), np.shape(texts)
    epoch_losses = []
    for _ in range(epochs):
        lesson, replaced = np.array(texts), rng.permutation(n)[: round(own * n)]
        if len(replaced):
            with evaluation_mode(student):
                lesson[replaced] = student.generate(
                    lesson[replaced, :1], length - 1, generator=rng, cache=KVCache(student)
                )
        with evaluation_mode(teacher), no_grad():
            teacher_says = teacher(lesson[:, :-1]).data
        student.train()
        losses, order = [], np.arange(n)
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = divergence(student(lesson[rows, :-1]), teacher_says[rows], reverse)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        epoch_losses.append(float(np.mean(losses)))
    return epoch_losses
