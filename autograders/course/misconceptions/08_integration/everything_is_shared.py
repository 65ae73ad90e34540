"""Uses a model in which every weight is shared, where counting twice changes nothing."""

CELL = "check_shared_weights"
FAILS = ["shared_weights_check_catches_planted_bugs"]


# %% answer
def check_shared_weights(library):
    first, second = Linear(20, 20), Linear(20, 20)
    second.weight = first.weight
    array = first.weight.data
    library.magnitude_prune(SimpleModel(first, second), 0.6)
    assert second.weight is first.weight, "the layers no longer share one parameter"
    assert first.weight.data is array, "the shared parameter got a new array"
    zeros = int((array == 0).sum())
    assert zeros == 240, f"60 % of 400 weights are 240, but {zeros} are zero"
