"""Prunes each layer to the same loss in the scan, so that the last one pays for no bytes."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]
POINTS = {"choice_fits_the_budget": 2}


# %% answer
names = ["layers.0.weight", "layers.2.weight", "layers.4.weight"]
grid = [n / 50 for n in range(15, 50)]


def alone(name, share):
    """Measure one layer pruned."""
    choice = {other: share if other == name else 0.0 for other in names}
    return reach(choice, digits.x_train[:500], digits.y_train[:500]).accuracy


scan = {name: [alone(name, share) for share in grid] for name in names}
for level in np.arange(0.996, 0.6, -0.001):
    my_sparsities = {
        name: max([s for s, right in zip(grid, scan[name], strict=True) if right >= level] + [0.0])
        for name in names
    }
    if reach(my_sparsities, digits.x_train[:10], digits.y_train[:10]).n_bytes <= 28_000:
        break
