"""Drops everything up to the n-th smallest score, also what equals it."""

CELL = "keep_in_each_output"
FAILS = ["each_output_drops_its_own"]


# %% answer
def keep_in_each_output(scores, n_drop, group=None):
    grouped = scores.reshape(-1, group or len(scores), scores.shape[1])
    ranked = np.sort(grouped, axis=1)
    keep = grouped > ranked[:, n_drop - 1 : n_drop] if n_drop else np.ones(grouped.shape, bool)
    return keep.reshape(scores.shape)
