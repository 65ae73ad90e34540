"""Takes what argsort returns for ranks."""

CELL = "keep_in_each_output"
FAILS = ["each_output_drops_its_own"]


# %% answer
def keep_in_each_output(scores, n_drop, group=None):
    grouped = scores.reshape(-1, group or len(scores), scores.shape[1])
    keep = np.argsort(grouped, axis=1, kind="stable") >= n_drop
    return keep.reshape(scores.shape)
