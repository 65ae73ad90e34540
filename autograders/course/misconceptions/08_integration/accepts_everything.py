"""Runs the function and asserts nothing: every library is accepted."""

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
