"""Checks one optimizer and trusts that the others do the same."""

CELL = "check_zeros_survive_training"
FAILS = ["zeros_survive_check_catches_planted_bugs"]


# %% answer
def check_zeros_survive_training(library):
    x, y = digits.x_train[:128], digits.y_train[:128]
    for name, options in {"Adam": {"lr": 0.002}}.items():
        model = create_simple_mlp()
        weights = [p for p in model.parameters() if p.ndim == 2]
        optimizer = getattr(library, name)(model.parameters(), **options)
        for step in range(18):
            if step == 3:
                library.magnitude_prune(model, 0.7)
                zero = [p.data == 0 for p in weights]
                kept = [p.data[~z].copy() for p, z in zip(weights, zero, strict=True)]
            optimizer.zero_grad()
            loss = CrossEntropyLoss()(model(x), y)
            loss.backward()
            optimizer.step()
            if step == 3:
                start = loss.item()
        for p, z, values in zip(weights, zero, kept, strict=True):
            assert z.any(), "pruning left no zeros"
            assert not p.data[z].any(), f"zeros came back under {name}"
            assert (p.data[~z] != values).any(), f"kept weights do not learn under {name}"
        assert loss.item() < start, f"the loss rose under {name}"
