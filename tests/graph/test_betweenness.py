"""Betweenness between platforms, against networkx on the graph with a node for each hop."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import networkx as nx
import pyarrow as pa
import pytest

from graph.betweenness import betweenness_of_platforms, platform_betweenness

COLUMNS = ("seller_id", "from_platform", "to_platform")


def hops(*rows: tuple[str | None, str, str]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    return pa.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema=schema)


def drawn(seed: int) -> list[tuple[str, str, str]]:
    dice = random.Random(seed)
    platforms = "abcdefgh"[: dice.randint(2, 8)]
    sellers = [f"s{n}" for n in range(dice.randint(1, 12))]
    return [(dice.choice(sellers), *dice.sample(platforms, 2)) for _ in range(dice.randint(1, 40))]


def by_networkx(rows: list[tuple[str, str, str]]) -> tuple[dict[str, float], dict[str, float]]:
    graph: Any = nx.DiGraph()
    for hop in set(rows):
        graph.add_edge(hop[1], hop)
        graph.add_edge(hop, hop[2])
    platforms = [node for node in graph if isinstance(node, str)]
    pairs = sum(nx.has_path(graph, a, b) for a in platforms for b in platforms if a != b)
    between = nx.betweenness_centrality_subset(graph, platforms, platforms)
    sellers = defaultdict[str, float](float)
    for hop in set(rows):
        sellers[hop[0]] += between[hop] / pairs
    return dict(sellers), {platform: between[platform] / pairs for platform in platforms}


@pytest.mark.parametrize("seed", range(60))
def test_it_is_what_networkx_finds(seed: int) -> None:
    rows = drawn(seed)
    sellers, platforms = by_networkx(rows)
    for found, expected in (
        (platform_betweenness(hops(*rows), "seller_id"), sellers),
        (betweenness_of_platforms(hops(*rows), "seller_id"), platforms),
    ):
        assert found["id"].to_pylist() == sorted(expected)
        assert dict(zip(*found.to_pydict().values(), strict=True)) == pytest.approx(expected, abs=1e-8)


def test_of_two_on_one_route_each_has_half_and_the_only_one_has_all() -> None:
    rows = hops(("x", "a", "b"), ("y", "a", "b"), ("z", "b", "c"), (None, "b", "c"), ("x", "c", "c"))
    # Pairs: a-b by x or y; b-c by z; a-c by x or y, then z.
    assert dict(zip(*platform_betweenness(rows, "seller_id").to_pydict().values(), strict=True)) == pytest.approx(
        {"x": 1 / 3, "y": 1 / 3, "z": 2 / 3}
    )


def test_nothing_gives_nothing() -> None:
    assert platform_betweenness(hops(), "seller_id").num_rows == 0
    assert betweenness_of_platforms(hops(), "seller_id").num_rows == 0
