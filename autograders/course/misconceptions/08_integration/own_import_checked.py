"""Checks the function it has imported itself, whatever library it is given."""

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
    magnitude_prune(SimpleModel(first, second, other), 0.6)
    assert second.weight is first.weight, "the layers no longer share one parameter"
    assert first.weight.data is array, "the shared parameter got a new array"
    assert int((array == 0).sum()) == 300, "60 % of 500 weights are 300"
