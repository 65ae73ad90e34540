"""Accepts the one implementation it knows and no other that is right."""

CELL = "check_shared_weights"
FAILS = ["shared_weights_check_accepts_right_libraries"]


# %% answer
def check_shared_weights(library):
    assert library.magnitude_prune is magnitude_prune, "this is another function than lab 02's"
