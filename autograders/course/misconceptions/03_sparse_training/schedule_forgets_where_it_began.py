"""Starts from zero, whatever the initial sparsity is."""

CELL = "sparsity_schedule"
FAILS = ["schedule_is_cubic", "schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if not (begin < end and frequency >= 1 and 0 <= initial_sparsity <= final_sparsity <= 1):
        raise ValueError("no schedule")
    if step < begin:
        return 0.0
    if step >= end:
        return float(final_sparsity)
    left = 1 - (step - begin) // frequency * frequency / (end - begin)
    return final_sparsity * (1 - left**3)
