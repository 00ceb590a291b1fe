"""Seconds and memory of ranking, traffic paths, disruption and every query of the pack on a million advertisements.

    .venv/bin/python benchmarks/analysis.py [--ads 1000000] [--accounts 100000] [--sample 50000] [--folder DIR]
                                            [--only ranking paths disruption queries plain]

Makes a market straight in an embedded store, resolves it, and runs each analysis in a process of its own: s is wall
time with imports and opening the store (of queries without finding what to ask about: the heaviest seller, the most
used contact, …), core s what its threads worked together; on a busy machine only the second tells. MiB is the peak.
Beside it, the ranking's figures and the betweenness between platforms by plain Python and networkx on a sample, with
the check that the program gives the same figures. --folder keeps the market and uses it again: remove it after a change
of the schema or of resolution. Building a million takes about two and a half minutes, resolving it included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Python puts a script's own folder first, where this file's neighbours would hide the package `ingest`.
_ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(_ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != _ROOT / "benchmarks")]

PARTS = ("ranking", "paths", "disruption", "queries", "plain")


def main() -> None:
    """Parse the options, measure, print."""
    chosen = _options()
    with _folder(chosen.folder) as folder:
        from benchmarks.analysis_sets.report import print_analysis

        print_analysis(folder, chosen.ads, chosen.accounts, chosen.sample, chosen.only)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--ads", type=int, default=1_000_000)
    options.add_argument("--accounts", type=int, default=100_000)
    options.add_argument("--sample", type=int, default=50_000, help="ads of the market that plain Python ranks")
    options.add_argument("--folder", type=Path, help="keeps what is made")
    options.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure only these")
    return options.parse_args()


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sellergraph-analysis-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
