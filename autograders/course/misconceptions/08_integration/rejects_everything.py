"""Expects a share of zeros that no right library leaves, and so rejects every library."""

CELL = "check_shared_weights"
FAILS = [
    "shared_weights_check_accepts_right_libraries",
    "shared_weights_check_catches_planted_bugs",
]


# %% answer
def check_shared_weights(library):
    first, second = Linear(20, 20), Linear(20, 20)
    second.weight = first.weight
    library.magnitude_prune(SimpleModel(first, second), 0.6)
    kept = (first.weight.data != 0).mean()
    assert abs(kept - 0.6) < 0.01, f"60 % of the weights should be left, got {kept:.0%}"
