"""How right identity resolution is, beside naive components and plain Splink; how fast on a million accounts.

    .venv/bin/python benchmarks/identity.py [--seeds 1001 …] [--operators 200 400 800] [--pictures 60] [--folder DIR]
    .venv/bin/python benchmarks/identity.py --large [--accounts 100000 1000000] [--folder DIR]

Installs nothing; needs the environment's Splink and psutil. Makes a market for each seed and size, ingests it into an
embedded case and resolves it. Seeds below 1000 are refused, since the program was made with some of them. --folder
keeps what was made and uses it again: remove it after a change of the simulator or of ingestion.

quality  Pairwise precision and recall, recall of the pairs that own contacts, codes, named accounts or links connect at
         all ('connected'), of the true pairs beyond those ('beyond'), and B-cubed F1, pooled over the markets without
         pictures, beside rivals on the same graph in the same run; causes; whether probabilities are right; what other
         thresholds find; ten judgements by the truth, which must change nothing elsewhere.
large    Seconds and peak memory of full resolution and of 1,000 new advertisements, each step in a process of its own,
         plain Splink on the same profiles, and how pairs grow with accounts. Building takes 4 minutes a million.
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

# Smaller seeds are those that the program was made with.
FIRST_SEED = 1000
SEEDS = (1001, 1002, 1003, 1004, 1005)
OPERATORS = (200, 400, 800)
ACCOUNTS = (100_000, 1_000_000)


def main() -> None:
    """Parse the options, measure, print."""
    chosen = _options()
    with _folder(chosen.folder) as folder:
        # Not at the top: the worker processes of ingestion import this file as well.
        if chosen.large:
            from benchmarks.identity_sets.large import print_large

            print_large(folder, chosen.accounts)
        else:
            from benchmarks.identity_sets.report import print_quality

            print_quality(folder, chosen.seeds, chosen.operators, chosen.pictures)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options.add_argument("--operators", type=int, nargs="+", default=OPERATORS)
    options.add_argument(
        "--pictures", type=int, default=60, help="operators of three more markets with pictures; 0: none"
    )
    options.add_argument("--large", action=argparse.BooleanOptionalAction, default=False, help="speed, not quality")
    options.add_argument("--accounts", type=int, nargs="+", default=ACCOUNTS, help="sizes of the large markets")
    options.add_argument("--folder", type=Path, help="keeps what is made")
    chosen = options.parse_args()
    if min(chosen.seeds) < FIRST_SEED:
        options.error(f"seeds below {FIRST_SEED} may be such as the program was tuned on")
    return chosen


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="sellergraph-identity-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
