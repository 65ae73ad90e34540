"""Stops when the batches run out."""

CELL = "finetune"
FAILS = ["loss_decreases_despite_sparsity"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    model.train()
    freeze_zeros(model)
    trainer = Trainer(model, optimizer)
    return [trainer.train_step(x, y) for x, y in islice(batches, n_steps)]
