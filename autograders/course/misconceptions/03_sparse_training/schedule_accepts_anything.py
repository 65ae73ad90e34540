"""Computes with whatever it is given, also where no schedule can be."""

CELL = "sparsity_schedule"
FAILS = ["schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if step < begin:
        return 0.0
    if step >= end:
        return float(final_sparsity)
    updated = (step - begin) // max(frequency, 1) * max(frequency, 1)
    left = 1 - updated / (end - begin)
    return final_sparsity + (initial_sparsity - final_sparsity) * left**3
