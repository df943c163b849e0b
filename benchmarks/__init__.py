"""Benchmarks: what the system does per second, per statement and per byte, as ratios to what its server can do."""
