"""Has NumPy's testing functions raise, on models of other shapes."""

CELL = ["check_shared_weights", "check_zeros_survive_training", "check_profiling"]
FAILS = []


# %% answer: check_shared_weights
def check_shared_weights(library):
    wide, tied, alone = Linear(30, 30, bias=False), Linear(30, 30), Linear(30, 3)
    tied.weight = wide.weight
    rng = np.random.default_rng(0)
    wide.weight.data[...] = rng.permutation(900).reshape(30, 30) / 1000 + 0.001
    alone.weight.data[...] = -5
    identities = [id(wide.weight), id(wide.weight.data)]
    library.magnitude_prune(Sequential([wide, tied, alone]), 0.25)
    now = [id(tied.weight), id(tied.weight.data)]
    np.testing.assert_equal(now, identities, err_msg="another parameter, or another array")
    n_zero = sum(int(np.sum(w.data == 0)) for w in (wide.weight, alone.weight))
    np.testing.assert_equal(n_zero, round(0.25 * 990), err_msg="zeros of 990 weights at 25 %")


# %% answer: check_zeros_survive_training
def check_zeros_survive_training(library):
    x, y = digits.x_train[:64], digits.y_train[:64]
    loss_fn = CrossEntropyLoss()
    for optimizer_class, options in [
        (library.SGD, {"lr": 0.05, "momentum": 0.5}),
        (library.Adam, {"lr": 0.005}),
    ]:
        manual_seed(3)
        model = Sequential(Linear(64, 16), ReLU(), Linear(16, 10))
        optimizer = optimizer_class(model.parameters(), **options)

        def step(model=model, optimizer=optimizer):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        for _ in range(5):
            step()
        library.magnitude_prune(model, 0.5)
        first, last = (model.layers[i].weight for i in (0, 2))
        snapshots = [w.data.astype(np.float64) for w in (first, last)]
        losses = [step() for _ in range(25)]
        for w, old in zip((first, last), snapshots, strict=True):
            np.testing.assert_array_less(0, (old == 0).sum(), err_msg="nothing was pruned")
            np.testing.assert_array_equal(w.data[old == 0], 0, err_msg="a zero came back")
            changed = np.abs(w.data - old).max()
            np.testing.assert_array_less(1e-5, changed, err_msg="kept weights stand still")
        np.testing.assert_array_less(losses[-1], losses[0], err_msg="the loss does not fall")


# %% answer: check_profiling
def check_profiling(library):
    manual_seed(0)
    a, b = Linear(4, 4), Linear(4, 4)
    b.weight = a.weight
    model, x = SimpleModel(a, Dropout(0.9), b), Tensor(np.ones((7, 4), dtype=np.float32))
    measured = []
    for sparsity in (None, 0.25):
        if sparsity is not None:
            library.magnitude_prune(model, sparsity)
        p = library.Profiler()
        counts = p.count_parameters(model), p.count_bytes(model), p.count_flops(model, x)
        np.testing.assert_equal(counts, (24, 96, 7 * 2 * 32), err_msg=f"at {sparsity}")
        measured.append(p.count_nonzero(model))
    np.testing.assert_equal(measured, [24, 20], err_msg="four of sixteen weights are zero")
    modes = [m.training for m in model.modules()]
    texts = [p.data.tobytes() for p in model.parameters()]
    seconds = library.Profiler().profile(model, x, repeats=3)["latency"]
    np.testing.assert_array_less(0, seconds, err_msg="no time at all")
    np.testing.assert_array_less(seconds, np.inf, err_msg="an infinite latency")
    np.testing.assert_equal([m.training for m in model.modules()], modes, err_msg="modes")
    now = [p.data.tobytes() for p in model.parameters()]
    np.testing.assert_equal(now, texts, err_msg="profiling changed values")
