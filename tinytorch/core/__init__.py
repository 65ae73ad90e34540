"""The core of the stack, modules 01-09 and 12: tensors, layers, losses, optimizers, training.

It leans on NumPy alone; everything else in :mod:`tinytorch` leans on it.
"""
