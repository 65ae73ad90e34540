"""Sets the gradients of pruned weights to zero; an optimizer with a memory revives them."""

CELL = "finetune"
FAILS = [
    "pruned_weights_stay_zero_under_sgd",
    "pruned_weights_stay_zero_under_adam",
]


# %% answer
def finetune(model, optimizer, batches, n_steps):
    if not len(batches):
        raise ValueError("finetune got no batches to train on")
    model.train()
    masks = {p: p.data != 0 for p in model.parameters() if p.ndim >= 2}
    losses = []
    while len(losses) < n_steps:
        for x, y in batches:
            if len(losses) == n_steps:
                break
            optimizer.zero_grad()
            loss = Trainer(model, optimizer).loss_fn(model(x), y)
            loss.backward()
            for p, mask in masks.items():
                p.grad *= mask
            optimizer.step()
            losses.append(loss.item())
    return losses
