"""What benchmarks/analysis.py measures, on which market, and beside what."""
