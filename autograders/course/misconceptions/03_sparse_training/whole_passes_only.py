"""Ends only when a pass over the batches ends, with too many steps."""

CELL = "finetune"
FAILS = ["loss_decreases_despite_sparsity"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    freeze_zeros(model)
    model.train()
    trainer = Trainer(model, optimizer)
    losses = []
    while len(losses) < n_steps:
        losses += [trainer.train_step(x, y) for x, y in batches]
    return losses
