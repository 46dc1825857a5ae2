"""The benchmarks of the performance goals: `python -m tests.bench`. They report; they never assert."""
