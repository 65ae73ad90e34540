"""Follows the cubic past its end, where it rises above the final sparsity."""

CELL = "sparsity_schedule"
FAILS = ["schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if not begin < end or frequency < 1 or not 0 <= initial_sparsity <= final_sparsity <= 1:
        raise ValueError("no schedule")
    if step < begin:
        return 0.0
    left = 1 - (step - begin) // frequency * frequency / (end - begin)
    return final_sparsity + (initial_sparsity - final_sparsity) * left**3
