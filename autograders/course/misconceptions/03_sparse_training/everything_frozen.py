"""Puts the whole model back after each step, so that nothing learns."""

CELL = "finetune"
FAILS = ["kept_weights_still_learn", "loss_decreases_despite_sparsity"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    model.train()
    before = model.state_dict()
    trainer = Trainer(model, optimizer)
    losses = []
    while len(losses) < n_steps:
        for x, y in islice(batches, n_steps - len(losses)):
            losses.append(trainer.train_step(x, y))
            model.load_state_dict(before)
    return losses
