"""Trains before it compresses and never again afterwards."""

CELL = "check_training_pipeline"
FAILS = ["training_pipeline_check_catches_planted_bugs"]


# %% answer
def check_training_pipeline(library):
    x, y = digits.x_train[:320], digits.y_train[:320]
    loader = DataLoader(TensorDataset(x, y), batch_size=32)
    model = create_simple_mlp()
    for make, rate in ((library.SGD, 0.3), (library.Adam, 0.01)):
        model = create_simple_mlp()
        trainer = library.Trainer(
            model, make(model.parameters(), lr=rate), loss_fn=library.CrossEntropyLoss()
        )
        trainer.fit(loader, 5)
        assert accuracy(model(x), y) > 0.6, "training does not learn"
    library.magnitude_prune(model, 0.5)
    library.structured_prune(model, 0.1)
    library.compress_model(model, {"magnitude_sparsity": 0.6})
    assert np.isfinite(model(x).data).all(), "the compressed model returns NaN"
    assert all(m.training for m in model.modules()), "the training mode is gone"
    assert all(p.requires_grad for p in model.parameters()), "parameters were frozen"
