"""Counts steps with a flag and a plain loop, and multiplies by masks as floats."""

CELL = ["masked_step", "finetune", "rewind"]
FAILS = []


# %% answer: masked_step
def masked_step(optimizer, masks):
    optimizer.step()
    for p in masks:
        p.data *= masks[p].astype(p.data.dtype)


# %% answer: finetune
def finetune(model, optimizer, batches, n_steps):
    freeze_zeros(model)
    trainer = Trainer(model, optimizer)
    losses = []
    while True:
        for x, y in batches:
            if len(losses) >= n_steps:
                return losses
            losses.append(trainer.train_step(x, y))


# %% answer: rewind
def rewind(model, early_state):
    masks = {name: p.mask for name, p in model.named_parameters()}
    if set(masks) != set(early_state):
        raise ValueError("the state has other names than the model")
    for name, p in model.named_parameters():
        if np.shape(early_state[name]) != p.shape:
            raise ValueError(f"{name} has another shape")
    for name, p in model.named_parameters():
        value = np.array(early_state[name])
        p.data[:] = value if masks[name] is None else value * masks[name]
    return model
