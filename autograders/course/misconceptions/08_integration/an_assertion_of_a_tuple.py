"""Puts condition and message into one pair of brackets: a tuple, which is always true."""

CELL = "check_shared_weights"
FAILS = [
    "shared_weights_check_accepts_right_libraries",
    "shared_weights_check_catches_planted_bugs",
]


# %% answer
def check_shared_weights(library):
    manual_seed(1)
    first, second, other = Linear(20, 20), Linear(20, 20), Linear(20, 5)
    second.weight = first.weight
    other.weight.data[...] = 1.0
    shared, array = first.weight, first.weight.data
    library.magnitude_prune(SimpleModel(first, second, other), 0.6)
    zeros = int((shared.data == 0).sum() + (other.weight.data == 0).sum())
    same = first.weight is shared and second.weight is shared and shared.data is array
    judged = (same, "the layers no longer share one parameter in one array")
    assert judged
    judged = (zeros == 300, f"60 % of 500 different weights are 300, but {zeros} are zero")
    assert judged
