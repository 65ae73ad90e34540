"""Cubes the time that has passed instead of the time that is left: slow at first, then a cliff."""

CELL = "sparsity_schedule"
FAILS = ["schedule_is_cubic", "schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if not begin < end or frequency < 1 or not 0 <= initial_sparsity <= final_sparsity <= 1:
        raise ValueError("no schedule")
    if step < begin:
        return 0.0
    done = (step - begin) // frequency * frequency / (end - begin)
    if step >= end:
        done = 1
    return initial_sparsity + (final_sparsity - initial_sparsity) * done**3
