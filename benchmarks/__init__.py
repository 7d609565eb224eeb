"""Speed, measured side by side: ``python -m benchmarks``; results in docs/performance.md."""
