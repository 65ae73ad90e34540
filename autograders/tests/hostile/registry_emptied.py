"""Looks for tables from numbers to objects and forgets everything in them."""

LAB = "02_objects"
SCORE = 0

# %% summary
import gc


def summary(model):
    for table in gc.get_objects():
        if type(table) is dict and table and len(table) < 10_000:
            keys = list(table)
            if all(type(key) is int for key in keys) and any(
                isinstance(value, (Tensor, Module)) for value in list(table.values())
            ):
                table.clear()
    return {}
