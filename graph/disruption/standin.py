"""Stand-in for graph.betweenness.platform_betweenness, until that is there; the same arguments and columns."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from graph.disruption.numbering import By
from graph.facts import NUMBER, TEXT
from graph.sql import run_sql

_STEPS = """
SELECT DISTINCT from_platform, to_platform,
       CASE $by WHEN 'seller' THEN seller_id WHEN 'account' THEN account_id ELSE carrier END AS id
FROM hops WHERE id IS NOT NULL AND from_platform <> to_platform ORDER BY ALL
"""
_SHARES = """
SELECT id, sum(share) AS betweenness FROM (
    SELECT id, round(passes / count(*) OVER (PARTITION BY from_platform, to_platform), 9)::DECIMAL(18, 9) AS share
    FROM steps JOIN passed USING (from_platform, to_platform)
) GROUP BY id ORDER BY id
"""
Step = tuple[str, str]


def platform_betweenness(hops: pa.Table, by: By) -> pa.Table:
    """id, betweenness: over all ordered pairs of platforms the share of the shortest routes that run through it.

    Each seller, account or contact that leads from one platform to another is a way of its own.
    """
    steps = run_sql(_STEPS, {"hops": hops}, {"by": by})
    ways = defaultdict[Step, int](int)
    for step in zip(steps["from_platform"].to_pylist(), steps["to_platform"].to_pylist(), strict=True):
        ways[step] += 1
    rows = [(*step, passes) for step, passes in sorted(_passes(ways).items())]
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    schema = pa.schema([("from_platform", TEXT), ("to_platform", TEXT), ("passes", NUMBER)])
    passed = pa.Table.from_arrays(
        [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
    )
    found = run_sql(_SHARES, {"steps": steps, "passed": passed})
    return found.cast(pa.schema([("id", TEXT), ("betweenness", NUMBER)]))


def _passes(ways: dict[Step, int]) -> dict[Step, float]:
    """How many pairs' shortest routes run through each step, each pair counting 1 in all (Brandes 2001)."""
    nexts = defaultdict[str, list[str]](list)
    for source, target in sorted(ways):
        nexts[source].append(target)
    passes = defaultdict[Step, float](float)
    for start in sorted(nexts):
        _pass_from(start, nexts, ways, passes)
    return passes


def _pass_from(start: str, nexts: dict[str, list[str]], ways: dict[Step, int], passes: dict[Step, float]) -> None:
    far, routes, before, order = (
        {start: 0},
        defaultdict[str, int](int, {start: 1}),
        defaultdict[str, list[str]](list),
        [start],
    )
    for source in order:
        for target in nexts.get(source, ()):
            if target not in far:
                far[target] = far[source] + 1
                order.append(target)
            if far[target] == far[source] + 1:
                routes[target] += routes[source] * ways[source, target]
                before[target].append(source)
    owed = dict.fromkeys(order, 0.0)
    for target in reversed(order[1:]):
        for source in before[target]:
            part = routes[source] * ways[source, target] / routes[target] * (1 + owed[target])
            owed[source] += part
            passes[source, target] += part
