"""Takes the loss at the word that came, with the luck of the text in it."""

CELL = "knowledge_by_kind"
FAILS = ["excess_is_counted_from_the_floor", "shares_add_up_to_the_whole"]


# %% answer
def knowledge_by_kind(log_q, truth):
    p, kinds = truth.probabilities[:, 1:], truth.kinds[:, 1:]
    if np.shape(log_q) != p.shape:
        raise ValueError(f"expected {p.shape}, got {np.shape(log_q)}")
    loss = -np.take_along_axis(log_q, truth.tokens[:, 1:, None], axis=-1)[..., 0]
    excess = loss - truth.entropy[:, 1:]
    likeliest = np.argmax(log_q, axis=-1)[..., None]
    right = np.take_along_axis(p, likeliest, axis=-1)[..., 0] >= p.max(axis=-1) - 1e-9
    return {
        Kind(k).name: {
            "share": float((kinds == k).mean()),
            "excess": float(excess[kinds == k].mean()),
            "right": float(right[kinds == k].mean()),
        }
        for k in np.unique(kinds)
    }
