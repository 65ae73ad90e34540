"""Keeps references to the arrays, so that what a profiler does to them changes both sides."""

CELL = "check_profiling"
FAILS = ["profiling_check_catches_planted_bugs"]


# %% answer
def check_profiling(library):
    manual_seed(4)
    first, second, last = Linear(8, 8), Linear(8, 8), Linear(8, 4)
    second.weight = first.weight
    model = SimpleModel(first, ReLU(), second, Dropout(0.5), last)
    x = Tensor(np.random.default_rng(4).normal(size=(3, 8)).astype(np.float32))
    profiler = library.Profiler()
    n, flops = 116, 960
    for n_zero in (0, 48):
        assert profiler.count_parameters(model) == n, "the parameters are 116, zero or not"
        assert profiler.count_nonzero(model) == n - n_zero, f"{n_zero} of {n} are zero"
        assert profiler.count_bytes(model) == 4 * n, "a zero takes four bytes too"
        assert profiler.count_flops(model, x) == flops, "a dense product multiplies by zeros too"
        library.magnitude_prune(model, 0.5)
    before = [p.data for p in model.parameters()]
    latency = profiler.profile(model, x, repeats=3)["latency"]
    assert 0 < latency < np.inf, "a latency is positive and finite"
    assert all(m.training for m in model.modules()), "the profiler left the training mode"
    for p, values in zip(model.parameters(), before, strict=True):
        assert np.array_equal(p.data, values), "the profiler changed a value"
