"""Expects fewer operations and bytes from zeros that are still stored and multiplied."""

CELL = "check_profiling"
FAILS = ["profiling_check_catches_planted_bugs"]


# %% answer
def check_profiling(library):
    first, second, last = Linear(8, 8), Linear(8, 8), Linear(8, 4)
    second.weight = first.weight
    model = SimpleModel(first, ReLU(), second, ReLU(), last)
    profiler, x = library.Profiler(), Tensor(np.ones((3, 8), np.float32))
    assert profiler.count_parameters(model) == 116, "the model has 116 parameters"
    flops, n_bytes = profiler.count_flops(model, x), profiler.count_bytes(model)
    library.magnitude_prune(model, 0.5)
    assert profiler.count_parameters(model) == 116, "the model has 116 parameters"
    assert profiler.count_flops(model, x) < flops, "half are zero, as many operations"
    assert profiler.count_bytes(model) < n_bytes, "half are zero, as many bytes"
