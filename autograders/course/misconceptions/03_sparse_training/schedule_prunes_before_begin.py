"""Returns the initial sparsity also before the first step that is to prune."""

CELL = "sparsity_schedule"
FAILS = ["schedule_holds_its_values"]


# %% answer
def sparsity_schedule(step, begin, end, final_sparsity, initial_sparsity=0.0, frequency=1):
    if not begin < end or frequency < 1 or not 0 <= initial_sparsity <= final_sparsity <= 1:
        raise ValueError("no schedule")
    if step >= end:
        return final_sparsity
    passed = max(step - begin, 0) // frequency * frequency
    left = 1 - passed / (end - begin)
    return final_sparsity + (initial_sparsity - final_sparsity) * left**3
