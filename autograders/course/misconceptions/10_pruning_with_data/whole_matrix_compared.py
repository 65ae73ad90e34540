"""Drops the smallest of the whole matrix, as many as all outputs together should lose."""

CELL = "keep_in_each_output"
FAILS = ["each_output_drops_its_own"]


# %% answer
def keep_in_each_output(scores, n_drop, group=None):
    grouped = scores.reshape(-1, group or len(scores), scores.shape[1])
    n_drop *= grouped[:, 0].size
    order = np.argsort(grouped, axis=None, kind="stable")
    keep = np.ones(grouped.shape, dtype=bool)
    keep.flat[order[:n_drop]] = False
    return keep.reshape(scores.shape)
