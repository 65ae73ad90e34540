"""Writes the schedule from the other side, what is gained instead of what is left."""

CELL = ["sparsity_schedule", "iterative_prune"]
FAILS = []


# %% answer: sparsity_schedule
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    fine = begin < end and frequency >= 1
    if not (fine and initial_sparsity >= 0 and initial_sparsity <= final_sparsity <= 1):
        raise ValueError("these arguments make no schedule")
    if step < begin:
        return 0.0
    n_rises = (step - begin) // frequency
    u = 1.0 if step >= end else n_rises * frequency / (end - begin)
    return initial_sparsity + (final_sparsity - initial_sparsity) * (3 * u - 3 * u**2 + u**3)


# %% answer: iterative_prune
def iterative_prune(model, train, sparsities):
    plan = np.array(list(sparsities), dtype=float)
    if not (np.all(np.diff(plan) >= 0) and np.all(plan >= 0) and np.all(plan <= 1)):
        raise ValueError("sparsities must rise within [0, 1]")
    for s in plan:
        magnitude_prune(model, float(s))
        train(model)
    return model
