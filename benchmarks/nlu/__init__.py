"""Benchmarks of understanding, beside what one would use instead."""
