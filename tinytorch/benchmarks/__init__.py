"""Benchmarks: tinytorch's time as a ratio to PyTorch's, on the same work in the same run.

``python -m tinytorch.benchmarks`` (``make bench``) prints the table; ``ratios.json`` holds the
ratios of an earlier run, against which a change shows. Nothing else leans on this package.
"""
