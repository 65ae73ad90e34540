"""Takes equal values for a shared weight; two copies have equal values until they are trained."""

CELL = "check_shared_weights"
FAILS = ["shared_weights_check_catches_planted_bugs"]


# %% answer
def check_shared_weights(library):
    first, second = Linear(100, 50), Linear(100, 50)
    second.weight = first.weight
    library.magnitude_prune(SimpleModel(first, second), 0.6)
    a, b = first.weight.data, second.weight.data
    assert np.array_equal(a, b), "the layers see different weights"
    share = float((a == 0).mean())
    assert 0.55 <= share <= 0.65, f"expected about 60 % zeros, got {share:.0%}"
