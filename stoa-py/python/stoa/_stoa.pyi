"""Types of the compiled module; `python -m mypy.stubtest stoa._stoa` checks them against it."""

__version__: str
