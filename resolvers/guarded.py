"""Large groups are not joined by a link that is only likely: a wrong one makes as many wrong pairs as both have
accounts.

Links are taken strongest first; one between groups of m and n accounts counts only when it is at least
1 - 2 (1 - threshold) / sqrt(m n) likely: at the threshold of .9 that is .9 between two groups of two accounts, .96
between two of five, .98 between two of ten.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph.sql import run_sql
from resolvers.clusters import Clustering, cluster

# Pairs at least this likely are one seller's, unless another threshold is asked for: on simulated markets that the
# choice was not made on, pairs joined so are right in 99 of 100 (benchmarks/identity.py).
THRESHOLD = 0.9
# At another threshold the risk moves along: twice what the threshold leaves. On simulated markets 201 to 203 and 301 to
# 305, .1 at a threshold of .9 kept .695 of all true pairs at a precision of .994, .2 .753 at .9935.
RISK_SHARE, POWER = 2.0, 0.5
# So likely that the size of the groups does not matter.
BEYOND_DOUBT = 0.995


def group(
    accounts: pa.Array, pairs: pa.Table, profiles: pa.Table, judged: pa.Table, threshold: float = THRESHOLD
) -> Clustering:
    """The clusters (see clusters.cluster) of the pairs over the threshold, without those that are too weak for what
    they join.

    Args:
        pairs: src, dst, probability, weight.
    """
    weak = withheld(pairs, threshold)
    given = {"pairs": pairs.select(["src", "dst", "probability", "weight"]), "weak": weak}
    used = run_sql("FROM pairs ANTI JOIN weak USING (src, dst) ORDER BY src, dst", given)
    found = cluster(accounts, used, profiles, judged)
    return Clustering(found.assigned, _both(found, weak), found.alarms)


def _both(found: Clustering, weak: pa.Table) -> pa.Table:
    """All pairs that were not used; a weak one whose accounts other links, or a judgement, joined is none."""
    query = """
    FROM cut UNION ALL SELECT w.* FROM weak w JOIN assigned a ON a.account = w.src JOIN assigned b ON b.account = w.dst
    WHERE a.cluster <> b.cluster ORDER BY src, dst
    """
    return run_sql(query, {"cut": found.cut, "weak": weak, "assigned": found.assigned}).cast(found.cut.schema)


def withheld(pairs: pa.Table, threshold: float = THRESHOLD) -> pa.Table:
    """Return src, dst, reason of the pairs that are too weak for what they would join, sorted.

    Args:
        pairs: src, dst, probability; all over the threshold, in any order.
    """
    names = pc.unique(pa.chunked_array([*pairs["src"].chunks, *pairs["dst"].chunks], pa.string()))
    left, right = (np.asarray(pc.index_in(pairs[end], value_set=names).to_numpy()) for end in ("src", "dst"))
    sure = pairs["probability"].to_numpy() >= BEYOND_DOUBT
    groups = _Groups(len(names), left, right, sure)
    reasons: dict[int, str] = {}
    for place in _strongest_first(pairs, ~sure):
        one, other = groups.find(int(left[place])), groups.find(int(right[place]))
        sizes = groups.size[one], groups.size[other]
        if one == other:
            continue
        chance = float(pairs["probability"][place].as_py())
        if chance >= 1 - RISK_SHARE * (1 - threshold) / (sizes[0] * sizes[1]) ** POWER:
            groups.join(one, other)
        else:
            low, high = sorted(sizes)
            reasons[place] = _reason(low, high, chance)
    kept = {place: reason for place, reason in reasons.items() if not groups.same(int(left[place]), int(right[place]))}
    rows = pairs.select(["src", "dst"]).take(pa.array(list(kept), pa.int64()))
    return rows.append_column("reason", pa.array(list(kept.values()), pa.string())).sort_by(
        [("src", "ascending"), ("dst", "ascending")]
    )


def _strongest_first(pairs: pa.Table, wanted: NDArray[np.bool_]) -> list[int]:
    """The places of the wanted pairs, the likeliest first; ties by their ends."""
    places = np.flatnonzero(wanted)
    rows = pairs.select(["src", "dst", "probability"]).take(pa.array(places, pa.int64()))
    keys = [("probability", "descending"), ("src", "ascending"), ("dst", "ascending")]
    order = np.asarray(pc.sort_indices(rows, sort_keys=keys).to_numpy())
    ordered: list[int] = places[order].tolist()
    return ordered


def _reason(low: int, high: int, chance: float) -> str:
    sizes = f"{low} and {high} accounts" if low > 1 else f"a single account and {high} that hang together without it"
    joins = f"it would join {sizes}" if high > 1 else "nothing else joins the two"
    return f"weak link: {100 * chance:.1f} % likely, too little since {joins}"


class _Groups:
    """Union-find over what the links beyond doubt join already."""

    def __init__(self, count: int, left: NDArray[np.int64], right: NDArray[np.int64], sure: NDArray[np.bool_]) -> None:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ends = (left[sure], right[sure])
        graph = coo_array((np.ones(int(sure.sum()), dtype=np.int8), ends), shape=(count, count))
        found = connected_components(graph, directed=False)[1] if count else np.zeros(0, dtype=np.int64)
        self._label = found.tolist()
        self.size = np.bincount(found, minlength=1).tolist()
        self._parent = list(range(len(self.size)))

    def find(self, node: int) -> int:
        """The group of a node."""
        group = self._label[node]
        while self._parent[group] != group:
            self._parent[group] = self._parent[self._parent[group]]
            group = self._parent[group]
        return int(group)

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        low, high = sorted((one, other))
        self._parent[high] = low
        self.size[low] += self.size[high]

    def same(self, one: int, other: int) -> bool:
        """Whether two nodes are in one group."""
        return self.find(one) == self.find(other)
