"""Never sets the gradients to zero, so that every step repeats all earlier ones."""

CELL = "finetune"
FAILS = ["loss_decreases_despite_sparsity"]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    model.train()
    freeze_zeros(model)
    loss_fn = Trainer(model, optimizer).loss_fn
    losses = []
    while len(losses) < n_steps:
        for x, y in islice(batches, n_steps - len(losses)):
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses
