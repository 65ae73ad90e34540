"""Updates the output of a cell that ran before with what it is given."""

SCORE = 5

# %% start
import numpy as np
from IPython.display import display

handle = display("nothing yet", display_id="seen")

# %% double
def double(array):
    handle.update(repr(array))
    return 2 * array

# %% total
def total(array):
    handle.update(repr(array))
    return float(array.sum())
