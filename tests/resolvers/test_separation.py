"""Minimum cuts between accounts judged different, compared with networkx."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.components import Edges, components, distinct
from resolvers.separation import Apart, separate
from sellergraph.errors import UsageError

NAMES = pa.array([f"p|{n}" for n in range(8)])
NODES = st.integers(0, 7)
LINKS = st.lists(st.tuples(NODES, NODES, st.integers(1, 20)), max_size=16)


def edges_of(links: list[tuple[int, int, float]]) -> Edges:
    left, right = (np.array([link[end] for link in links], dtype=np.int64) for end in (0, 1))
    return distinct(left, right, np.array([link[2] for link in links], dtype=np.float64))


def apart_of(*pairs: tuple[int, int]) -> Apart:
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    left, right = (np.array([pair[end] for pair in ordered], dtype=np.int64) for end in (0, 1))
    return Apart(left, right)


def cut_links(edges: Edges, apart: Apart) -> dict[tuple[int, int], str]:
    return {(int(edges.left[e]), int(edges.right[e])): reason for e, reason in separate(edges, apart, NAMES).items()}


def test_the_weakest_link_on_the_way_goes() -> None:
    edges = edges_of([(0, 1, 9), (1, 2, 3), (2, 3, 9)])
    reason = "cut: p|0 and p|3 were judged different (weakest evidence on the way)"
    assert cut_links(edges, apart_of((0, 3))) == {(1, 2): reason}


def test_accounts_judged_the_same_stay_together() -> None:
    edges = edges_of([(0, 1, 9), (1, 2, np.inf), (2, 3, 12)])
    assert set(cut_links(edges, apart_of((0, 3)))) == {(0, 1)}


def test_one_who_is_judged_different_from_several_goes_alone() -> None:
    clique = edges_of([(a, b, 5) for a, b in combinations(range(6), 2)])
    cut = cut_links(clique, apart_of((5, 0), (5, 1)))
    assert set(cut) == {(other, 5) for other in range(5)}
    assert "p|0 and p|5 were judged different, and 1 more such judgement (" in cut[0, 5]


def test_components_without_judgements_are_left_alone() -> None:
    edges = edges_of([(0, 1, 1), (2, 3, 1), (4, 5, 1)])
    assert set(cut_links(edges, apart_of((2, 3), (0, 7)))) == {(2, 3)}


def test_weak_evidence_is_evidence() -> None:
    edges = edges_of([(0, 1, 0.0), (1, 2, -3.0), (2, 3, 1000.0)])
    assert len(cut_links(edges, apart_of((0, 3)))) == 1


def test_a_contradiction_is_named() -> None:
    edges = edges_of([(0, 1, np.inf), (1, 2, np.inf)])
    with pytest.raises(UsageError, match=r"p\|0 and p\|2 are judged different, and the same"):
        separate(edges, apart_of((0, 2)), NAMES)


@settings(deadline=None)
@given(LINKS, NODES, NODES)
def test_the_cut_is_a_minimum_cut(links: list[tuple[int, int, float]], a: int, b: int) -> None:
    edges = edges_of(links)
    if a == b:
        return
    graph = nx.Graph()
    graph.add_nodes_from(range(8))
    for left, right, bits in zip(edges.left.tolist(), edges.right.tolist(), edges.bits.tolist(), strict=True):
        graph.add_edge(left, right, capacity=bits)
    cut = list(separate(edges, apart_of((a, b)), NAMES))
    assert edges.bits[cut].sum() == pytest.approx(nx.minimum_cut_value(graph, a, b))


@settings(deadline=None)
@given(LINKS, st.lists(st.tuples(NODES, NODES).filter(lambda pair: pair[0] != pair[1]), max_size=6))
def test_all_are_parted_and_no_cut_is_idle(links: list[tuple[int, int, float]], pairs: list[tuple[int, int]]) -> None:
    edges, apart = edges_of(links), apart_of(*pairs)
    cut = list(separate(edges, apart, NAMES))
    label = components(8, edges.where(np.setdiff1d(np.arange(len(edges)), cut)))
    assert all(label[a] != label[b] for a, b in zip(apart.left, apart.right, strict=True))
    assert all(label[edges.left[e]] != label[edges.right[e]] for e in cut)
