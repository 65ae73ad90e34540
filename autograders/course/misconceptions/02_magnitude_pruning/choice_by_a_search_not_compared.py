"""Searches by the cheapest step, a fifth at a time, and stops at the first end that it finds."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]
POINTS = {"choice_fits_the_budget": 3}


# %% answer
names = ["layers.0.weight", "layers.2.weight", "layers.4.weight"]
x, y = digits.x_train[:500], digits.y_train[:500]
my_sparsities = dict.fromkeys(names, 0.0)
now = reach(my_sparsities, x, y)
while now.n_bytes > 28_000:
    steps = []
    for name in names:
        tried = {**my_sparsities, name: 1 - 0.8 * (1 - my_sparsities[name])}
        then = reach(tried, x, y)
        price = (now.accuracy - then.accuracy) / (now.n_bytes - then.n_bytes)
        steps.append((price, name, tried, then))
    _, _, my_sparsities, now = min(steps, key=lambda step: step[:2])
