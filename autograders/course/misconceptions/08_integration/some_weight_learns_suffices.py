"""Is content if kept entries of one pruned weight have changed."""

CELL = "check_zeros_survive_training"
FAILS = ["zeros_survive_check_catches_planted_bugs"]


# %% answer
def check_zeros_survive_training(library):
    x, y = digits.x_train[:128], digits.y_train[:128]
    settings = {"SGD": {"lr": 0.02, "momentum": 0.9}, "Adam": {"lr": 0.002}}
    for name, options in settings.items():
        model = create_simple_mlp()
        weights = [p for p in model.parameters() if p.ndim == 2]
        optimizer = getattr(library, name)(model.parameters(), **options)
        losses = []
        for step in range(18):
            if step == 3:
                library.magnitude_prune(model, 0.7)
                zero = [p.data == 0 for p in weights]
                kept = [p.data[~z].copy() for p, z in zip(weights, zero, strict=True)]
            optimizer.zero_grad()
            loss = CrossEntropyLoss()(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert all(z.any() for z in zero), "pruning left no zeros"
        for p, z, values in zip(weights, zero, kept, strict=True):
            assert values.size, "nothing was kept"
            back = int((p.data[z] != 0).sum())
            assert back == 0, f"{back} of {z.sum()} zeros came back under {name}"
        moved = [(p.data[~z] != v).any() for p, z, v in zip(weights, zero, kept, strict=True)]
        assert any(moved), f"kept weights do not learn under {name}"
        assert losses[-1] < losses[3], f"the loss rose from {losses[3]} to {losses[-1]} by {name}"
