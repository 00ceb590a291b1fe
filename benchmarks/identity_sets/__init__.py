"""What benchmarks/identity.py measures with: made-up markets, rivals of the program's resolution, a large market."""
