"""Keeps the last ones of the order: all of them, where none should be kept."""

CELL = "keep_in_each_output"
FAILS = ["each_output_drops_its_own"]


# %% answer
def keep_in_each_output(scores, n_drop, group=None):
    grouped = scores.reshape(-1, group or len(scores), scores.shape[1])
    order = np.argsort(grouped, axis=1, kind="stable")
    keep = np.zeros(grouped.shape, dtype=bool)
    np.put_along_axis(keep, order[:, -(grouped.shape[1] - n_drop) :], True, axis=1)
    return keep.reshape(scores.shape)
