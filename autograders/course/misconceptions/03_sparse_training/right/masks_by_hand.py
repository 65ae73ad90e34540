"""Holds zeros with its own masked step in fine-tuning, and freezes with masks as floats."""

CELL = ["freeze_zeros", "finetune"]
FAILS = []


# %% answer: freeze_zeros
def freeze_zeros(model):
    for p in model.parameters():
        if len(p.shape) > 1 and (p.data == 0).any():
            p.mask = 1 - (p.data == 0).astype(float)
    return model


# %% answer: finetune
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    model.train()
    masks = {p: p.data != 0 for p in model.parameters() if p.ndim > 1}
    loss_fn = Trainer(model, optimizer).loss_fn
    losses = []
    while len(losses) < n_steps:
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            masked_step(optimizer, masks)
            losses.append(float(loss.data))
            if len(losses) == n_steps:
                break
    return losses
