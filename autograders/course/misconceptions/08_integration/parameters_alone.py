"""Counts parameters and leaves the profiler's other numbers unread."""

CELL = "check_profiling"
FAILS = ["profiling_check_catches_planted_bugs"]


# %% answer
def check_profiling(library):
    first, second, last = Linear(8, 8), Linear(8, 8), Linear(8, 4)
    second.weight = first.weight
    model = SimpleModel(first, ReLU(), second, ReLU(), last)
    for sparsity in (0.0, 0.5):
        library.magnitude_prune(model, sparsity)
        got = library.Profiler().count_parameters(model)
        assert got == 116, f"the model has 116 parameters, zero or not, got {got}"
