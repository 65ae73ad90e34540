"""Has the built-in id say that everything is one object."""

LAB = "02_objects"
SCORE = 0

# %% scratch
import builtins

builtins.id = lambda thing: 17
