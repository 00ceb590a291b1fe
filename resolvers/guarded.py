"""Large groups are not joined by a link that is only likely: a wrong one makes as many wrong pairs as both have
accounts.

Links are taken strongest first; one between groups of m and n accounts counts only when it is at least 1 - RISK /
sqrt(m n)
likely: .9 between two groups of two accounts, .96 between two of five, .98 between two of ten.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph.sql import run_sql
from resolvers.clusters import Clustering, cluster

# On simulated markets 201 to 203 and 301 to 305, .1 kept .695 of all true pairs at a precision of .994, .2 .753 at
# .9935.
RISK, POWER = 0.2, 0.5
# So likely that the size of the groups does not matter.
BEYOND_DOUBT = 0.995
REASON = (
    "weak link of two groups: {one} and {other} accounts hang together without it, and it is {probability:.1%} likely"
)


def group(accounts: pa.Array, pairs: pa.Table, profiles: pa.Table, judged: pa.Table) -> Clustering:
    """The clusters (see clusters.cluster) of the pairs over the threshold, without those that are too weak for what
    they join.

    Args:
        pairs: src, dst, probability, weight.
    """
    weak = withheld(pairs)
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


def withheld(pairs: pa.Table) -> pa.Table:
    """Return src, dst, reason of the pairs that are too weak for what they would join, sorted.

    Args:
        pairs: src, dst, probability; all over the threshold, in any order.
    """
    ordered = pairs.sort_by([("probability", "descending"), ("src", "ascending"), ("dst", "ascending")])
    names = pc.unique(pa.concat_arrays([ordered[end].combine_chunks() for end in ("src", "dst")]))
    left, right = (np.asarray(pc.index_in(ordered[end], value_set=names).to_numpy()) for end in ("src", "dst"))
    chance = ordered["probability"].to_numpy()
    groups = _Groups(len(names), left, right, chance >= BEYOND_DOUBT)
    reasons: dict[int, str] = {}
    for place in np.flatnonzero(chance < BEYOND_DOUBT).tolist():
        one, other = groups.find(int(left[place])), groups.find(int(right[place]))
        sizes = groups.size[one], groups.size[other]
        if one == other:
            continue
        if chance[place] >= 1 - RISK / (sizes[0] * sizes[1]) ** POWER:
            groups.join(one, other)
        else:
            low, high = sorted(sizes)
            reasons[place] = REASON.format(one=low, other=high, probability=float(chance[place]))
    kept = {place: reason for place, reason in reasons.items() if not groups.same(int(left[place]), int(right[place]))}
    rows = ordered.select(["src", "dst"]).take(pa.array(list(kept), pa.int64()))
    return rows.append_column("reason", pa.array(list(kept.values()), pa.string())).sort_by(
        [("src", "ascending"), ("dst", "ascending")]
    )


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
