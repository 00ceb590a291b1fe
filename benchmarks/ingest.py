"""Ads a second from file to graph, peak memory, and each stage's share.

    .venv/bin/python benchmarks/ingest.py [--ads 100000] [--workers 2]

Makes a text-only market, ingests it into an empty embedded case, and beside it, in the same run,
reads the same file with nothing but `json.loads` (the ratio tells a noisy machine from a slow program).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

# Python puts a script's own folder first, where this file would hide the package `ingest`.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

from graph.stores import open_store  # noqa: E402  # after the line above
from ingest.pipeline import ingest  # noqa: E402
from ingest.sources.simulated import simulate  # noqa: E402
from sellergraph.case import create_case  # noqa: E402

# Operators whose market holds somewhat more than one hundred ads for each thousand asked for.
ADS_AN_OPERATOR = 40


def main() -> None:
    """Parse the options, make the market, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--ads", type=int, default=100_000)
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, ads = _market(Path(folder), chosen.ads)
        bare = _bare_pass(source)
        _measure(Path(folder) / "case", source, ads, chosen.workers, bare)


def _market(folder: Path, ads: int) -> tuple[Path, int]:
    """A file of the first `ads` advertisements of a market that is large enough."""
    operators, made = max(ads // ADS_AN_OPERATOR, 10), folder / "market"
    simulate(made, seed=7, operators=operators, images=False)
    source = folder / "ads.jsonl"
    with (made / "ads.jsonl").open("rb") as lines, source.open("wb") as out:
        count = sum(1 for line in islice(lines, ads) if out.write(line))
    return source, count


def _bare_pass(source: Path) -> float:
    start = time.perf_counter()
    with source.open("rb") as lines:
        for line in lines:
            json.loads(line)
    return time.perf_counter() - start


def _measure(case: Path, source: Path, ads: int, workers: int, bare: float) -> None:
    settings = create_case(case)
    start = time.perf_counter()
    with open_store(settings) as store:
        report = ingest(settings, store, [source], workers=workers)
        rows = sum(store.counts().values())
    spent = time.perf_counter() - start
    print(f"ads                 {report.ads:,} of {ads:,} ({len(report.rejects)} rejects), {rows:,} rows in the graph")
    print(f"end to end          {spent:.1f} s with {workers} workers: {report.ads / spent:,.0f} ads/s")
    for stage, seconds in sorted(report.stages.items(), key=lambda item: -item[1]):
        print(f"  {stage:<24} {seconds:6.1f} s  {seconds / spent:5.1%}")
    print(f"json.loads alone    {bare:.1f} s: the whole is {spent / bare:.0f} times that")
    print(f"peak memory         {_peak_mib():,.0f} MiB (this process and the largest worker times {workers})")


def _peak_mib() -> float:
    """ru_maxrss is KiB on Linux, bytes on macOS; for children it is that of the largest."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + (os.cpu_count() or 1) * worker) / unit


if __name__ == "__main__":
    main()
