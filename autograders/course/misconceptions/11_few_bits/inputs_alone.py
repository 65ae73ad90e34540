"""Makes the inputs even and does not look at the weights."""

CELL = "smooth"
FAILS = ["smoothing_shares_the_load"]


# %% answer
def smooth(model, tokens, strength=0.5):
    check_weights(model, "smooth")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be in [0, 1], got {strength!r}")
    model = copy.deepcopy(model)
    peaks = input_peaks(model, tokens)
    for norm, readers in norms_and_readers(model):
        inputs = peaks[next(iter(readers))]
        weights = np.max([np.abs(r.weight.data).max(axis=1) for r in readers.values()], axis=0)
        factors = np.ones_like(inputs)
        used = (inputs > 0) & (weights > 0)
        factors[used] = inputs[used] ** strength
        move_scale(norm, readers.values(), factors)
    return model
