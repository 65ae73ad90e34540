"""Looks at the name of the function it was given, not at what the function does."""

CELL = "check_shared_weights"
FAILS = [
    "shared_weights_check_accepts_right_libraries",
    "shared_weights_check_catches_planted_bugs",
]


# %% answer
def check_shared_weights(library):
    name = getattr(library.magnitude_prune, "__name__", "nothing")
    assert name == "magnitude_prune", f"expected magnitude_prune, got {name}"
