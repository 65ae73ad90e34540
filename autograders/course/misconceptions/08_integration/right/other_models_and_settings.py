"""Checks the stack on other models and settings than the hints name."""

CELL = [
    "check_training_pipeline",
    "check_profiling",
    "check_quantization",
]
FAILS = []


# %% answer: check_training_pipeline
def check_training_pipeline(library):
    x, y = digits.x_train[:256], digits.y_train[:256]

    def weights_after_training(make):
        manual_seed(11)
        model = Sequential(Linear(64, 24), ReLU(), Dropout(0.1), Linear(24, 10))
        loader = DataLoader(TensorDataset(x, y), batch_size=64)
        trainer = library.Trainer(model, make(model.parameters()), library.CrossEntropyLoss())
        trainer.fit(loader, 12)
        assert accuracy(model.eval()(x), y) > 0.6, "a fresh model does not learn its digits"
        return np.concatenate([p.data.ravel() for p in model.parameters()])

    makers = [lambda p: library.SGD(p, lr=0.2, momentum=0.8), lambda p: library.Adam(p, lr=0.01)]
    expected = [weights_after_training(make) for make in makers]
    compressors = [
        lambda m: library.magnitude_prune(m, 0.3),
        lambda m: library.structured_prune(m, 0.25),
        lambda m: library.compress_model(m, {"structured_prune_ratio": 0.2}),
    ]
    for compress in compressors:
        model = Sequential(Linear(5, 9), Dropout(0.3), ReLU(), Linear(9, 8))
        compress(model)
        for module in model.modules():
            assert module.training is True, f"{module} is in evaluation mode"
        for p in model.parameters():
            assert p.requires_grad, "a parameter no longer requires a gradient"
        for make, weights in zip(makers, expected, strict=True):
            difference = np.abs(weights_after_training(make) - weights).max()
            assert difference < 1e-5, f"the same training ends {difference} away"


# %% answer: check_profiling
def check_profiling(library):
    shared = Linear(6, 6, bias=False)
    twin = Linear(6, 6, bias=False)
    twin.weight = shared.weight
    model = Sequential(shared, ReLU(), twin, Linear(6, 3))
    x = Tensor(np.ones((5, 6), np.float32))
    for nonzero in (57, 30):
        profiler = library.Profiler()
        for name, got, expected in [
            ("parameters", profiler.count_parameters(model), 57),
            ("parameters that are not zero", profiler.count_nonzero(model), nonzero),
            ("bytes", profiler.count_bytes(model), 228),
            ("operations", profiler.count_flops(model, x), 2 * 5 * (36 + 36 + 18)),
        ]:
            assert got == expected, f"{name}: expected {expected}, got {got}"
        values = [p.data.copy() for p in model.parameters()]
        found = profiler.profile(model, x, repeats=3)
        assert np.isfinite(found["latency"]), "the latency is not a number"
        assert found["latency"] > 0, "a forward pass takes time"
        assert all(m.training for m in model.modules()), "the mode changed"
        for p, old in zip(model.parameters(), values, strict=True):
            assert (p.data == old).all(), "measuring changed the model"
        library.magnitude_prune(model, 0.5)


# %% answer: check_quantization
def check_quantization(library):
    x = digits.x_train[:100]
    dense, pruned = create_and_train_model(1), create_and_train_model(2)
    library.magnitude_prune(pruned, 0.7)
    n = sum(p.size for p in pruned.parameters() if p.ndim == 2)
    zeros = sum(int(np.sum(p.data == 0)) for p in pruned.parameters() if p.ndim == 2)
    assert zeros == round(0.7 * n), f"expected {round(0.7 * n)} zeros, got {zeros}"
    for model in (dense, pruned):
        old = [(m.weight.data.copy(), m.bias.data.copy()) for m in model.layers[::2]]
        logits, size = model(x).data.copy(), library.Profiler().count_bytes(model)
        library.quantize_model(model)
        for layer, (weight, bias) in zip(model.layers[::2], old, strict=True):
            assert (layer.bias.data == bias).all(), "a bias changed"
            assert (layer.weight.data[weight == 0] == 0).all(), "a zero was lost"
        off = np.abs(model(x).data - logits).max()
        assert off <= 0.05 * np.abs(logits).max(), f"a logit is off by {off}"
        ratio = size / library.Profiler().count_bytes(model)
        assert ratio > 3, f"the model is only {ratio:.1f} times smaller"
