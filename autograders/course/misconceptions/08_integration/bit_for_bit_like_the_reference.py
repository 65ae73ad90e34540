"""Compares trained weights bit for bit with those of the optimizer it knows."""

CELL = "check_zeros_survive_training"
FAILS = ["zeros_survive_check_accepts_right_libraries"]


# %% answer
def check_zeros_survive_training(library):
    x, y = digits.x_train[:128], digits.y_train[:128]

    def train(prune, make, **options):
        model = create_simple_mlp()
        optimizer = make(model.parameters(), **options)
        for step in range(15):
            if step == 3:
                prune(model, 0.7)
            optimizer.zero_grad()
            CrossEntropyLoss()(model(x), y).backward()
            optimizer.step()
        return [p.data for p in model.parameters()]

    for name, make, options in [
        ("SGD", SGD, {"lr": 0.02, "momentum": 0.9}),
        ("Adam", Adam, {"lr": 0.002}),
    ]:
        got = train(library.magnitude_prune, getattr(library, name), **options)
        expected = train(magnitude_prune, make, **options)
        for a, b in zip(got, expected, strict=True):
            assert np.array_equal(a, b), f"{name} gives other weights than it should"
