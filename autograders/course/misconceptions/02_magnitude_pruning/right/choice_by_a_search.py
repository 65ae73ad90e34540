"""Searches: again and again the step that costs the fewest right answers for a byte."""

CELL = "my_sparsities"
FAILS = []


# %% answer
names = ["layers.0.weight", "layers.2.weight", "layers.4.weight"]
x, y = digits.x_train[:500], digits.y_train[:500]
my_sparsities = dict.fromkeys(names, 0.0)
now = reach(my_sparsities, x, y)
while now.n_bytes > 28_000:
    steps = []
    for name in names:
        tried = {**my_sparsities, name: 1 - 0.75 * (1 - my_sparsities[name])}
        then = reach(tried, x, y)
        price = (now.accuracy - then.accuracy) / (now.n_bytes - then.n_bytes)
        steps.append((price, name, tried, then))
    _, _, my_sparsities, now = min(steps, key=lambda step: step[:2])
