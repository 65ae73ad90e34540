"""Sets zeros and leaves what is kept."""

CELL = "repair"
FAILS = [
    "those_behind_are_refitted",
    "zeros_chosen_block_after_block",
    "repaired_in_place_or_not_at_all",
]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    return np.where(keep, new, 0)
