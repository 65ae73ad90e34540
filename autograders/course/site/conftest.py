"""Sphinx loads the extension, and only `make site` and `make browser` install Sphinx."""

collect_ignore = ["formulas.py"]
