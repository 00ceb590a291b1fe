"""Through whom the shortest routes between platforms run.

The graph has a node for each platform and an edge for each hop of a seller (account, contact) from one platform to
another; two sellers who lead from A to B are two edges. The betweenness of an edge is the share of the shortest routes
that run over it, summed over the ordered pairs of platforms (U. Brandes, On variants of shortest-path betweenness
centrality and their generic computation, 2008, edges and several edges between two nodes). Since there are few
platforms, it is exact for any number of sellers.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.sql import run_sql

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Sums of doubles in any order agree in so many digits.
DIGITS = 9
BETWEENNESS = pa.schema([("id", pa.string()), ("betweenness", pa.float64())])
_EDGES = """
SELECT DISTINCT id, from_platform, to_platform FROM rows
WHERE id IS NOT NULL AND from_platform IS NOT NULL AND from_platform <> to_platform
"""
_COUNTED = "SELECT from_platform, to_platform, count(*) AS n FROM edges GROUP BY ALL ORDER BY ALL"
_SUMMED = """
SELECT id, round(sum(weight), $digits) AS betweenness
FROM edges JOIN weighed USING (from_platform, to_platform) GROUP BY id ORDER BY id
"""


def platform_betweenness(rows: pa.Table, by: str) -> pa.Table:
    """id, betweenness: how often a shortest route between two platforms, drawn at random, runs over its hops.

    Routes go between every ordered pair of platforms that hops connect; one that takes two hops of a seller counts
    twice. Sorted by id; those without hops are left out.

    Args:
        rows: hops, see graph.hops.Hops. by: the column whose values are ranked: seller_id, account_id or carrier.
    """
    edges = _edges(rows, by)
    names, ways = _ways(edges)
    over, _, pairs = _passing(ways)
    left, right = np.nonzero(ways)
    weights = over[left, right] / max(pairs, 1)
    weighed = pa.table({"from_platform": names.take(left), "to_platform": names.take(right), "weight": weights})
    return run_sql(_SUMMED, {"edges": edges, "weighed": weighed}, {"digits": DIGITS})


def betweenness_of_platforms(rows: pa.Table, by: str = "account_id") -> pa.Table:
    """id (slug), betweenness: the share of the shortest routes between two other platforms that run through each.

    Args:
        rows: hops. by: what makes a hop another hop between the same two platforms.
    """
    names, ways = _ways(_edges(rows, by))
    _, through, pairs = _passing(ways)
    shares = np.round(through / max(pairs, 1), DIGITS)
    return pa.Table.from_arrays([names, pa.array(shares)], schema=BETWEENNESS)


def _edges(rows: pa.Table, by: str) -> pa.Table:
    named = pa.table({"id": rows[by], "from_platform": rows["from_platform"], "to_platform": rows["to_platform"]})
    return run_sql(_EDGES, {"rows": named})


def _ways(edges: pa.Table) -> tuple[pa.Array, Floats]:
    """Platforms, sorted; number of hops from each (row) to each (column)."""
    counted = run_sql(_COUNTED, {"edges": edges})
    ends = [counted[name].to_pylist() for name in ("from_platform", "to_platform")]
    names = sorted({*ends[0], *ends[1]})
    place = {name: number for number, name in enumerate(names)}
    ways = np.zeros((len(names), len(names)))
    for source, target, n in zip(*ends, counted["n"].to_pylist(), strict=True):
        ways[place[source], place[target]] = n
    return pa.array(names, pa.string()), ways


def _passing(ways: Floats) -> tuple[Floats, Floats, int]:
    """Shortest routes over one hop from i to j, and through i, summed over the pairs of platforms; number of pairs."""
    over, through, pairs = np.zeros_like(ways), np.zeros(len(ways)), 0
    for source in range(len(ways)):
        levels, routes = _routes(ways, source)
        passed = np.zeros(len(ways))
        for before, level in reversed(list(pairwise(levels))):
            # To each platform of the level one route ends there, the others go on.
            share = (1 + passed[level]) / routes[level]
            flow = np.where(ways[np.ix_(before, level)] > 0, routes[before, None] * share[None, :], 0)
            over[np.ix_(before, level)] += flow
            passed[before] += (flow * ways[np.ix_(before, level)]).sum(axis=1)
        passed[source] = 0
        through += passed
        pairs += sum(map(len, levels[1:]))
    return over, through, pairs


def _routes(ways: Floats, source: int) -> tuple[list[Ints], Floats]:
    """The platforms by their distance from the source, and the number of shortest routes to each."""
    routes = np.zeros(len(ways))
    routes[source] = 1
    seen = routes > 0
    levels = [np.array([source])]
    while True:
        reached = (routes[levels[-1]] @ ways[levels[-1]]) * ~seen
        level = np.flatnonzero(reached)
        if not len(level):
            return levels, routes
        routes[level] = reached[level]
        seen[level] = True
        levels.append(level)
