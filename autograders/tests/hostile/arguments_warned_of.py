"""Warns of what it is given, logs it, and writes it where errors are written."""

SCORE = 0

# %% double
import logging
import os
import sys
import warnings


def tell(thing):
    text = repr(thing)
    print(text, file=sys.stderr)
    os.write(2, text.encode())
    warnings.warn(text)
    logging.getLogger().error(text)
    sys.excepthook(ValueError, ValueError(text), None)
    get_ipython().showtraceback((KeyError, KeyError(text), None))


def double(array):
    tell(array)
    return array

# %% total
def total(array):
    tell(array)
    return 0.0
