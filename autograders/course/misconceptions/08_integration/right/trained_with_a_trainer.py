"""Prunes after an epoch of the package's Trainer, and trains on with it."""

CELL = "check_zeros_survive_training"
FAILS = []


# %% answer
def check_zeros_survive_training(library):
    loader = DataLoader(TensorDataset(digits.x_train[:256], digits.y_train[:256]), batch_size=64)
    for make in (
        lambda params: library.SGD(params, lr=0.02, momentum=0.9, weight_decay=1e-3),
        lambda params: library.Adam(params, lr=0.003),
    ):
        model = create_simple_mlp(seed=3)
        trainer = Trainer(model, make(model.parameters()))
        trainer.fit(loader, 1)
        library.magnitude_prune(model, 0.8)
        pruned = {n: p.data.copy() for n, p in model.named_parameters() if p.ndim == 2}
        start = trainer.evaluate(loader)[0]
        trainer.fit(loader, 4)
        for name, p in model.named_parameters():
            if name in pruned:
                dropped = pruned[name] == 0
                assert dropped.any(), f"{name} has no zeros after pruning"
                assert np.all(p.data[dropped] == 0), f"{name}: zeros came back"
                moved = (p.data != pruned[name])[~dropped].mean()
                assert moved > 0, f"{name}: the weights that were kept do not learn"
        end = trainer.evaluate(loader)[0]
        assert end < start, f"the loss went from {start:.2f} to {end:.2f}"
