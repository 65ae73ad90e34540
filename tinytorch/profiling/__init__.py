"""Profiling, module 14: what a model costs in numbers, bytes, operations and seconds.

Works on any ``Module`` of the core, quantized or not; labs report what it measures.
"""

from tinytorch.profiling.profiler import Profiler

__all__ = ["Profiler"]
