"""Between equal scores drops the last."""

CELL = "keep_in_each_output"
FAILS = ["each_output_drops_its_own"]


# %% answer
def keep_in_each_output(scores, n_drop, group=None):
    grouped = scores.reshape(-1, group or len(scores), scores.shape[1])
    order = grouped.shape[1] - 1 - np.argsort(grouped[:, ::-1], axis=1, kind="stable")
    keep = np.ones(grouped.shape, dtype=bool)
    np.put_along_axis(keep, order[:, :n_drop], False, axis=1)
    return keep.reshape(scores.shape)
