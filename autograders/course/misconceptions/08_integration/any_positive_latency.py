"""Asks for a positive latency, which infinity is too."""

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

    def measure():
        return {
            "parameters": profiler.count_parameters(model),
            "nonzero": profiler.count_nonzero(model),
            "bytes": profiler.count_bytes(model),
            "flops": profiler.count_flops(model, x),
        }

    n = 8 * 8 + 8 + 8 + 8 * 4 + 4
    flops = 2 * 3 * (8 * 8 + 8 * 8 + 8 * 4)
    expected = {"parameters": n, "nonzero": n, "bytes": 4 * n, "flops": flops}
    assert measure() == expected, f"dense: expected {expected}, got {measure()}"
    library.magnitude_prune(model, 0.5)
    expected["nonzero"] -= 48
    assert measure() == expected, f"half pruned: expected {expected}, got {measure()}"

    before = model.state_dict()
    latency = profiler.profile(model, x, repeats=3)["latency"]
    assert latency > 0, f"a latency is positive and finite, got {latency}"
    assert all(m.training for m in model.modules()), "the profiler left the training mode"
    for name, values in model.state_dict().items():
        assert np.array_equal(values, before[name]), f"the profiler changed {name}"
