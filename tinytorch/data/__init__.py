"""Data sets that the course trains on, module 08: real handwritten digits."""

from tinytorch.data.digits import Digits, load_digits

__all__ = ["Digits", "load_digits"]
