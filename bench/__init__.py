"""Benchmarks: ratios of things measured side by side in one run, because machines differ and are shared."""
