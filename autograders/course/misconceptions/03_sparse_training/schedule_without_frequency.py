"""Raises the sparsity at every step, whatever the frequency."""

CELL = "sparsity_schedule"
FAILS = ["schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if not begin < end or frequency < 1 or not 0 <= initial_sparsity <= final_sparsity <= 1:
        raise ValueError("no schedule")
    if step < begin:
        return 0.0
    left = max(1 - (step - begin) / (end - begin), 0)
    return final_sparsity + (initial_sparsity - final_sparsity) * left**3
