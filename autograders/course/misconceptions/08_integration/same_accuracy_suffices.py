"""Compares how well the second training went, and not the weights it gave."""

CELL = "check_training_pipeline"
FAILS = ["training_pipeline_check_catches_planted_bugs"]


# %% answer
def check_training_pipeline(library):
    x, y = digits.x_train[:160], digits.y_train[:160]
    settings = {"SGD": {"lr": 0.3, "momentum": 0.9}, "Adam": {"lr": 0.03}}

    def train(name):
        model = create_simple_mlp()
        optimizer = getattr(library, name)(model.parameters(), **settings[name])
        trainer = library.Trainer(model, optimizer, loss_fn=library.CrossEntropyLoss())
        trainer.fit(DataLoader(TensorDataset(x, y), batch_size=32), 3)
        return model

    before = {name: train(name) for name in settings}
    for name, model in before.items():
        score = accuracy(model(x), y)
        assert score > 0.6, f"training with {name} reaches {score:.0%} of the training digits"

    for name, compress in {
        "magnitude_prune": lambda model: library.magnitude_prune(model, 0.5),
        "structured_prune": lambda model: library.structured_prune(model, 0.5),
        "compress_model": lambda model: library.compress_model(model, {"magnitude_sparsity": 0.5}),
    }.items():
        other = Sequential(Linear(8, 8), ReLU(), Dropout(0.5), Linear(8, 4))
        compress(other)
        assert all(m.training for m in other.modules()), f"{name} left the training mode"
        assert all(p.requires_grad for p in other.parameters()), f"{name} froze parameters"
        for optimizer, model in before.items():
            again, once = accuracy(train(optimizer)(x), y), accuracy(model(x), y)
            assert abs(again - once) < 0.1, f"after {name}, {optimizer} learns another amount"
