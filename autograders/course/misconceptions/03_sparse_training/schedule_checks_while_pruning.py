"""Looks at its arguments only between begin and end, when it computes with them."""

CELL = "sparsity_schedule"
FAILS = ["schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if not (begin < end and frequency >= 1):
        raise ValueError("no schedule")
    if step < begin:
        return 0.0
    if step >= end:
        return float(final_sparsity)
    if not 0 <= initial_sparsity <= final_sparsity <= 1:
        raise ValueError("no schedule")
    updated = (step - begin) // frequency * frequency
    left = 1 - updated / (end - begin)
    return final_sparsity + (initial_sparsity - final_sparsity) * left**3
