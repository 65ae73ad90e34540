"""Returns the loss of each batch after the step that it led to."""

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
        for x, y in islice(batches, n_steps - len(losses)):
            trainer.train_step(x, y)
            losses.append(trainer.loss_fn(model(x), y).item())
    return losses
