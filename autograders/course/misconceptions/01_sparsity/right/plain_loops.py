"""Counts entry by entry, with nothing from NumPy."""

CELL = "measure_sparsity"
FAILS = []


# %% answer
def measure_sparsity(model):
    entries = [x for p in model.parameters() for x in p.data.ravel().tolist()]
    for integers in quantized_integers(model).values():
        entries += integers.ravel().tolist()
    if not entries:
        return 0.0
    return sum(x == 0 for x in entries) / len(entries)
