"""Compares training before and after, and never asks whether it learns at all."""

CELL = "check_training_pipeline"
FAILS = ["training_pipeline_check_catches_planted_bugs"]


# %% answer
def check_training_pipeline(library):
    x, y = digits.x_train[:320], digits.y_train[:320]
    settings = {"SGD": {"lr": 0.1, "momentum": 0.9}, "Adam": {"lr": 0.01}}

    def train(name):
        model = create_simple_mlp()
        optimizer = getattr(library, name)(model.parameters(), **settings[name])
        trainer = library.Trainer(model, optimizer, loss_fn=library.CrossEntropyLoss())
        trainer.fit(DataLoader(TensorDataset(x, y), batch_size=32), 5)
        return model

    before = {name: train(name) for name in settings}
    other = Sequential(Linear(8, 8), ReLU(), Dropout(0.5), Linear(8, 4))
    library.magnitude_prune(other, 0.5)
    library.structured_prune(other, 0.5)
    library.compress_model(other, {"magnitude_sparsity": 0.6})
    assert all(m.training for m in other.modules()), "the training mode is gone"
    assert all(p.requires_grad for p in other.parameters()), "parameters were frozen"
    for name, model in before.items():
        for p, old in zip(train(name).parameters(), model.parameters(), strict=True):
            assert np.allclose(p.data, old.data, atol=1e-6), f"{name} learns something else"
