"""Writes the zeros once more before training, and sets no mask: the first step fills them in."""

CELL = "finetune"
FAILS = [
    "pruned_weights_stay_zero_under_sgd",
    "pruned_weights_stay_zero_under_adam",
]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    model.train()
    zeros = {p: p.data == 0 for p in model.parameters() if p.ndim == 2}
    for p, zero in zeros.items():
        p.data[zero] = 0
    trainer = Trainer(model, optimizer)
    losses = []
    while len(losses) < n_steps:
        for x, y in islice(batches, n_steps - len(losses)):
            losses.append(trainer.train_step(x, y))
    return losses
