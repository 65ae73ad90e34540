"""Compares states as bytes, prunes several models in one call chain, and counts with Python."""

CELL = ["check_training_pipeline", "check_quantization"]
FAILS = []


# %% answer: check_training_pipeline
def check_training_pipeline(library):
    x, y = digits.x_train[:200], digits.y_train[:200]

    def learnt():
        states = []
        for make in (
            lambda p: library.SGD(p, lr=0.3, momentum=0.9),
            lambda p: library.Adam(p, lr=0.03),
        ):
            model = create_simple_mlp(2)
            loader = DataLoader(TensorDataset(x, y), batch_size=50)
            fitted = library.Trainer(
                model, make(model.parameters()), loss_fn=library.CrossEntropyLoss()
            )
            fitted.fit(loader, epochs=5)
            right = int((model(x).argmax(dim=1) == y.data).sum())
            assert right > 110, f"{right} of 200 training digits is not more than half"
            states.append({k: v.tobytes() for k, v in model.state_dict().items()})
        return states

    expected = learnt()
    for name, options in [
        ("magnitude_prune", {"sparsity": 0.9}),
        ("structured_prune", {"prune_ratio": 0.3}),
        ("compress_model", {"config": {"magnitude_sparsity": 0.2}}),
    ]:
        fresh = SimpleModel(Linear(10, 10), Dropout(0.2), Linear(10, 10))
        fresh.train()
        getattr(library, name)(fresh, **options)
        modes = {m.training for m in fresh.modules()}
        assert modes == {True}, f"{name}: modes are {modes}"
        assert {p.requires_grad for p in fresh.parameters()} == {True}, f"{name} froze something"
        assert learnt() == expected, f"training is another one after {name}"


# %% answer: check_quantization
def check_quantization(library):
    images = digits.x_test[100:260]
    dense, pruned = create_and_train_model(), create_and_train_model()
    library.magnitude_prune(pruned, 0.7)
    matrices = [p for p in pruned.parameters() if p.ndim >= 2]
    n_zero = sum(list(p.data.flat).count(0.0) for p in matrices)
    assert n_zero == round(0.7 * sum(p.size for p in matrices)), "70 % should be zero, exactly"
    for model in (dense, pruned):
        was = [
            (m.weight.data == 0, m.bias.data.tolist())
            for m in model.modules()
            if isinstance(m, Linear)
        ]
        logits, size = model(images).data.copy(), library.Profiler().count_bytes(model)
        library.quantize_model(model)
        now = [m for m in model.modules() if isinstance(m, Linear)]
        for (zero, bias), layer in zip(was, now, strict=True):
            assert not np.any(layer.weight.data * zero), "a zero has moved"
            assert layer.bias.data.tolist() == bias, "a bias has moved"
        furthest = np.abs(model(images).data - logits).max()
        assert furthest <= 0.05 * np.abs(logits).max(), f"a logit moved by {furthest}"
        share = library.Profiler().count_bytes(model) / size
        assert share < 1 / 3, f"it still takes {share:.0%} of the bytes"
