"""Compares all weights at one threshold, after dividing each layer by its norm."""

CELL = "my_sparsities"
FAILS = []


# %% answer
shares = []
for seed in range(3):
    weights = {n: p.data for n, p in create_and_train_model(seed).named_parameters() if p.ndim == 2}
    sizes = {name: np.abs(w) / np.linalg.norm(w) for name, w in weights.items()}
    least = np.sort(np.concatenate([s.ravel() for s in sizes.values()]))[-5_400]
    shares.append({name: float((s < least).mean()) for name, s in sizes.items()})
my_sparsities = {name: sum(share[name] for share in shares) / 3 for name in shares[0]}
