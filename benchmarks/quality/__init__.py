"""Search quality, measured: ``python -m benchmarks.quality``; results in docs/quality.md."""
