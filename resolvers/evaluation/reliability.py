"""Whether pairs that are called 95 % likely are right in 95 of 100 cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from graph.sql import run_sql

# Lower ends of the bins; finer near 1, where merges are decided.
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
_BINS = """
SELECT len(list_filter($edges, lambda edge: edge <= m.probability)) AS bin, count(*) AS pairs,
       sum(m.probability) AS probability, count(*) FILTER (a.operator = b.operator) AS right_pairs
FROM matches m JOIN known a ON a.account = m.src JOIN known b ON b.account = m.dst
WHERE m.probability IS NOT NULL GROUP BY bin
"""


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs whose probability lies from `low` up to `high`: their mean probability, and the part that is one seller's.

    The means are None where there are no pairs.
    """

    low: float
    high: float
    pairs: int
    right_pairs: int
    mean_probability: float | None
    true_share: float | None


def reliability(known: pa.Table, matches: pa.Table) -> tuple[Bin, ...]:
    """All bins from 0 to 1 over compared pairs; none when no pair was compared.

    Args:
        known: account, operator, seller. matches: as in `reading.read_matches`.
    """
    rows = run_sql(_BINS, {"known": known, "matches": matches}, {"edges": list(EDGES)}).to_pylist()
    sums = {row["bin"]: (row["pairs"], row["right_pairs"], row["probability"]) for row in rows}
    return tuple(_bin(number, *sums.get(number, (0, 0, 0.0))) for number in range(1, len(EDGES) + 1)) if sums else ()


def _bin(number: int, pairs: int, right: int, probability: float) -> Bin:
    high = EDGES[number] if number < len(EDGES) else 1.0
    means = (probability / pairs, right / pairs) if pairs else (None, None)
    return Bin(EDGES[number - 1], high, pairs, right, *means)


def pooled_bins(cases: Sequence[Sequence[Bin]]) -> tuple[Bin, ...]:
    """The curve over the pairs of all cases."""
    bins = [case for case in cases if case]
    sums = [
        (
            sum(b.pairs for b in same),
            sum(b.right_pairs for b in same),
            sum((b.mean_probability or 0) * b.pairs for b in same),
        )
        for same in zip(*bins, strict=True)
    ]
    return tuple(_bin(number, *parts) for number, parts in enumerate(sums, start=1))
