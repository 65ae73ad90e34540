"""Writes the factors with logarithms, and all readers as one matrix."""

CELL = "smooth"
FAILS = []


# %% answer
def smooth(model, tokens, strength=0.5):
    check_weights(model, "smooth")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be in [0, 1], got {strength!r}")
    peaks, new = input_peaks(model, tokens), copy.deepcopy(model)
    for norm, readers in norms_and_readers(new):
        x = peaks[list(readers)[0]]
        w = np.abs(np.hstack([r.weight.data for r in readers.values()])).max(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = strength * np.log(x) - (1 - strength) * np.log(w)
        logs[(x == 0) | (w == 0)] = 0
        move_scale(norm, list(readers.values()), np.exp(logs).astype(np.float32))
    return new
