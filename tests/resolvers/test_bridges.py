"""Weak places of graphs, compared with plain searches."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.bridges import small_cuts
from resolvers.components import Edges, components, distinct

LINKS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=14)


def edges_of(pairs: list[tuple[int, int]]) -> Edges:
    left, right = (np.array([pair[end] for pair in pairs], dtype=np.int64) for end in (0, 1))
    return distinct(left, right, np.ones(len(pairs)))


def found(count: int, edges: Edges) -> dict[frozenset[tuple[int, int]], list[set[int]]]:
    """Links of each cut -> its inner and its outer ends."""
    cuts = small_cuts(count, edges)
    result = {}
    for number in np.unique(cuts.cut):
        rows = np.flatnonzero(cuts.cut == number)
        links = frozenset((int(edges.left[e]), int(edges.right[e])) for e in cuts.edge[rows])
        result[links] = [set(cuts.inner[rows].tolist()), set(cuts.outer[rows].tolist())]
    return result


def graph_of(count: int, edges: Edges) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(zip(edges.left.tolist(), edges.right.tolist(), strict=True))
    return graph


def plain_cuts(graph: nx.Graph) -> set[frozenset[tuple[int, int]]]:
    """Bridges, and pairs of other links that part a component where no third link parts it with either."""
    bridges = {tuple(sorted(edge)) for edge in nx.bridges(graph)}
    others = sorted({tuple(sorted(edge)) for edge in graph.edges} - bridges)
    whole = nx.number_connected_components(graph)
    pairs = [pair for pair in combinations(others, 2) if parts(graph, pair) > whole]
    lonely = [pair for pair in pairs if sum(bool({*pair} & {*other}) for other in pairs) == 1]
    return {frozenset({edge}) for edge in bridges} | {frozenset(pair) for pair in lonely}


def parts(graph: nx.Graph, without: tuple[tuple[int, int], ...]) -> int:
    left = graph.copy()
    left.remove_edges_from(without)
    return nx.number_connected_components(left)


@settings(deadline=None)
@given(LINKS)
def test_cuts_are_those_of_a_plain_search(pairs: list[tuple[int, int]]) -> None:
    edges = edges_of(pairs)
    assert set(found(9, edges)) == plain_cuts(graph_of(9, edges))


@settings(deadline=None)
@given(LINKS)
def test_sides_are_the_parts_that_a_cut_leaves(pairs: list[tuple[int, int]]) -> None:
    edges = edges_of(pairs)
    cuts = small_cuts(9, edges)
    for links, sides in found(9, edges).items():
        left = graph_of(9, edges)
        left.remove_edges_from(links)
        reached = [nx.node_connected_component(left, min(side)) for side in sides]
        assert all(side <= part for side, part in zip(sides, reached, strict=True))
        assert not reached[0] & reached[1]
        assert min(links)[0] in sides[0]
        row = next(i for i, edge in enumerate(cuts.edge) if (int(edges.left[edge]), int(edges.right[edge])) in links)
        assert (cuts.inner_size[row], cuts.outer_size[row]) == (len(reached[0]), len(reached[1]))


def test_one_link_between_triangles() -> None:
    edges = edges_of([(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)])
    cuts = small_cuts(6, edges)
    assert [(int(edges.left[e]), int(edges.right[e])) for e in cuts.edge] == [(2, 3)]
    assert {(int(cuts.inner_size[0]), int(cuts.outer_size[0]))} == {(3, 3)}


def test_two_links_between_cliques_cut_together() -> None:
    cliques = [*combinations(range(4), 2), *combinations(range(4, 8), 2)]
    assert set(found(8, edges_of([*cliques, (0, 4), (1, 5)]))) == {frozenset({(0, 4), (1, 5)})}
    assert set(found(8, edges_of([*cliques, (0, 4), (0, 5)]))) == {frozenset({(0, 4), (0, 5)})}


def test_nothing_and_long_chains() -> None:
    assert len(small_cuts(0, edges_of([])).cut) == 0
    assert len(small_cuts(5000, edges_of([(n, n + 1) for n in range(4999)])).cut) == 4999


@settings(deadline=None)
@given(LINKS)
def test_components_are_named_by_their_smallest_node(pairs: list[tuple[int, int]]) -> None:
    edges = edges_of(pairs)
    expected = {node: min(part) for part in nx.connected_components(graph_of(9, edges)) for node in part}
    assert components(9, edges).tolist() == [expected[node] for node in range(9)]


def test_of_a_pair_given_twice_the_heavier_counts() -> None:
    edges = distinct(np.array([3, 1, 2]), np.array([1, 3, 2]), np.array([2.0, 5.0, 1.0]))
    assert (edges.left.tolist(), edges.right.tolist(), edges.bits.tolist()) == ([1], [3], [5.0])
