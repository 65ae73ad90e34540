"""Leaves so little room on the stack that nothing else can be called."""

LAB = "02_objects"
SCORE = 0

# %% halve
import sys


def halve(model):
    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 5)
    return model
