"""Counts steps with a flag and a plain loop, multiplies by masks as floats, and writes by hand."""

CELL = ["masked_step", "finetune", "rewind"]
FAILS = []


# %% answer: masked_step
def masked_step(optimizer, masks):
    optimizer.step()
    for p in masks:
        p.data *= masks[p].astype(p.data.dtype)


# %% answer: finetune
def finetune(model, optimizer, batches, n_steps):
    if len(batches) == 0:
        raise ValueError("no batches")
    freeze_zeros(model)
    model.train()
    trainer = Trainer(model, optimizer)
    losses = []
    while True:
        for x, y in batches:
            if len(losses) >= n_steps:
                return losses
            losses.append(trainer.train_step(x, y))


# %% answer: rewind
def rewind(model, early_state):
    arrays = {name: p.data for name, p in model.named_parameters()}
    masks = {name: p.mask for name, p in model.named_parameters()}
    arrays.update(model.named_buffers())
    names = [name for name in early_state if not name.endswith(".mask")]
    if sorted(names) != sorted(arrays):
        raise ValueError("the state has other names than the model")
    for name in names:
        if np.shape(early_state[name]) != arrays[name].shape:
            raise ValueError(f"{name} has another shape")
    for name in names:
        arrays[name][...] = early_state[name]
        if masks.get(name) is not None:
            arrays[name] *= masks[name]
    return model
