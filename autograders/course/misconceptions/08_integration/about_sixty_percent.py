"""Allows the share of zeros to be a tenth off, where the contract gives a number."""

CELL = "check_shared_weights"
FAILS = ["shared_weights_check_catches_planted_bugs"]


# %% answer
def check_shared_weights(library):
    manual_seed(1)
    first, second, other = Linear(20, 20), Linear(20, 20), Linear(20, 5)
    second.weight = first.weight
    other.weight.data[...] = 1.0
    shared, array = first.weight, first.weight.data
    library.magnitude_prune(SimpleModel(first, second, other), 0.6)
    assert first.weight is shared, "the first layer got another parameter"
    assert second.weight is shared, "the layers no longer share one parameter"
    assert shared.data is array, "the shared parameter got a new array"
    share = float((shared.data == 0).sum() + (other.weight.data == 0).sum()) / 500
    assert abs(share - 0.6) < 0.1, f"about 60 % should be zero, got {share:.0%}"
