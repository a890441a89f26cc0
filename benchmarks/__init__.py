"""Benchmarks: one module each, with `main()`, which prints every figure beside its limit from the same run."""
