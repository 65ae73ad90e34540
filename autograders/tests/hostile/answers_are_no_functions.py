"""Binds the names of answers to a module, a property, and the notebook's own namespace."""

LAB = "02_objects"
SCORE = 0

# %% halve
halve = np

# %% penalty
penalty = property(lambda self: self)

# %% best
best = globals()

# %% scale
Scale = Module

# %% summary
summary = type
