"""Returns no losses where there are no batches, as if that were a training."""

CELL = "finetune"
FAILS = ["loss_decreases_despite_sparsity"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    freeze_zeros(model)
    model.train()
    trainer = Trainer(model, optimizer)
    losses = []
    while len(losses) < n_steps and len(batches):
        for x, y in islice(batches, n_steps - len(losses)):
            losses.append(trainer.train_step(x, y))
    return losses
