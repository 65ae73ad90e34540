"""Trains the model in whatever mode it is: batch normalisation sees nothing in evaluation mode."""

CELL = "finetune"
FAILS = ["kept_weights_still_learn"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    freeze_zeros(model)
    trainer = Trainer(model, optimizer)
    losses = []
    while len(losses) < n_steps:
        for x, y in islice(batches, n_steps - len(losses)):
            losses.append(trainer.train_step(x, y))
    return losses
