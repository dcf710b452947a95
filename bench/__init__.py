"""Benchmarks against the raw engine and against pandas: ratios, not seconds. `python -m bench --help`."""
