"""Demands that of equal weights the first go: another right choice is rejected."""

CELL = "check_shared_weights"
FAILS = ["shared_weights_check_accepts_right_libraries"]


# %% answer
def check_shared_weights(library):
    first, second, other = Linear(20, 20), Linear(20, 20), Linear(20, 5)
    second.weight = first.weight
    first.weight.data[...], other.weight.data[...] = 0.5, 1.0
    array = first.weight.data
    library.magnitude_prune(SimpleModel(first, second, other), 0.6)
    assert second.weight is first.weight, "the layers no longer share one parameter"
    assert first.weight.data is array, "the shared parameter got a new array"
    expected = np.where(np.arange(400) < 300, 0, 0.5)
    assert np.array_equal(array.ravel(), expected), "the first 300 of 400 equal weights should go"
