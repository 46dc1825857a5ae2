"""One module for each group of goals; each has `run(bench)`, which yields figures."""
