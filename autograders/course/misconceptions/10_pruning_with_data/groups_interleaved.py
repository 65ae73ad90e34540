"""Makes groups of every n-th input instead of neighbouring ones."""

CELL = "keep_in_each_output"
FAILS = ["each_output_drops_its_own"]


# %% answer
def keep_in_each_output(scores, n_drop, group=None):
    size = group or len(scores)
    grouped = scores.reshape(size, -1, scores.shape[1]).swapaxes(0, 1)
    order = np.argsort(grouped, axis=1, kind="stable")
    keep = np.ones(grouped.shape, dtype=bool)
    np.put_along_axis(keep, order[:, :n_drop], False, axis=1)
    return keep.swapaxes(0, 1).reshape(scores.shape)
