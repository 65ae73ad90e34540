"""Asserts the right things without a word on what is wrong when they fail."""

CELL = "check_shared_weights"
FAILS = [
    "shared_weights_check_accepts_right_libraries",
    "shared_weights_check_catches_planted_bugs",
]


# %% answer
def check_shared_weights(library):
    first, second, other = Linear(20, 20), Linear(20, 20), Linear(20, 5)
    second.weight = first.weight
    other.weight.data[...] = 1.0
    array = first.weight.data
    library.magnitude_prune(SimpleModel(first, second, other), 0.6)
    assert second.weight is first.weight
    assert first.weight.data is array
    assert int((array == 0).sum()) == 300
