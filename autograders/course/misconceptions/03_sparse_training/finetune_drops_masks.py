"""Tidies the masks away when it is done: the next training fills the zeros in."""

CELL = "finetune"
FAILS = ["pruned_weights_stay_zero_under_sgd"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    freeze_zeros(model)
    model.train()
    trainer = Trainer(model, optimizer)
    losses = []
    while len(losses) < n_steps:
        for x, y in islice(batches, n_steps - len(losses)):
            losses.append(trainer.train_step(x, y))
    for p in model.parameters():
        p.mask = None
    return losses
