"""Looks for tables from numbers to tensors and models, and exchanges what they hold."""

LAB = "02_objects"
SCORE = 0

# %% halve
import gc


def halve(model):
    for table in gc.get_objects():
        if type(table) is dict and 2 <= len(table) < 10_000:
            found = [key for key, value in list(table.items()) if isinstance(value, Parameter)]
            if len(found) > 1 and all(isinstance(key, int) for key in found):
                values = [table[key] for key in found]
                table.update(zip(found, values[1:] + values[:1]))
    return model
