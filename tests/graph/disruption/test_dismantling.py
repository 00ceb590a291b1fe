"""Networks that break, against networkx and against exhaustive search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from graph.disruption import dismantling
from graph.disruption.connections import Connections, components, largest_left
from graph.disruption.dismantling import Piece, core_neighbours, dismantle, largest_parts

NONE = np.empty(0, dtype=np.int64)


def connections(counted: int, nodes: int, edges: Iterable[tuple[int, int]], removed: Sequence[int]) -> Connections:
    pairs = np.array(sorted(set(edges)), dtype=np.int64).reshape(-1, 2)
    return Connections(counted, pairs[:, 0], pairs[:, 1], np.array(removed, dtype=np.int64), NONE, NONE, nodes)


def drawn(seed: int) -> Connections:
    """Sellers and contacts; what can be removed is the one or the other."""
    dice = np.random.default_rng(seed)
    sellers, contacts = int(dice.integers(4, 12)), int(dice.integers(0, 8))
    nodes = sellers + contacts
    ends = [(int(dice.integers(sellers)), int(dice.integers(nodes))) for _ in range(int(dice.integers(3, 24)))]
    removed = list(range(sellers, nodes)) if seed % 2 and contacts else list(range(sellers))
    return connections(sellers, nodes, {(min(e), max(e)) for e in ends if e[0] != e[1]}, removed)


def graph_of(case: Connections) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(case.nodes))
    graph.add_edges_from(zip(case.source.tolist(), case.target.tolist(), strict=True))
    return graph


def left_by_networkx(case: Connections, order: Sequence[int]) -> int:
    graph = graph_of(case)
    graph.remove_nodes_from([int(case.removed[target]) for target in order])
    # Who runs nothing any more is gone too.
    holders: dict[int, set[int]] = {}
    for held, holder in zip(case.held.tolist(), case.holder.tolist(), strict=True):
        holders.setdefault(held, set()).add(holder)
    graph.remove_nodes_from([held for held, those in holders.items() if not those & set(graph)])
    parts = nx.connected_components(graph)
    return max((sum(node < case.counted for node in part) for part in parts), default=0)


def pieces(case: Connections) -> list[Piece]:
    labels = components(case.source, case.target, case.nodes)
    each = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return [Piece(nodes, case.matrix[nodes][:, nodes], case.weights[nodes]) for nodes in each]


@pytest.mark.parametrize("seed", range(80))
def test_the_largest_network_left_is_what_networkx_counts(seed: int) -> None:
    case = drawn(seed)
    order = np.random.default_rng(seed).permutation(len(case.removed))[:4].tolist()
    expected = [left_by_networkx(case, order[:k]) for k in range(len(order) + 1)]
    assert largest_left(case, order, 6).tolist() == expected + expected[-1:] * (6 - len(order))


@pytest.mark.parametrize("seed", range(80))
def test_parts_and_cores_are_what_networkx_counts(seed: int) -> None:
    for piece in pieces(drawn(seed)):
        graph: nx.Graph[int] = nx.from_scipy_sparse_array(piece.matrix)
        core, found, near = nx.k_core(graph, 2), largest_parts(piece), core_neighbours(piece)
        for node in graph:
            rest = graph.subgraph(set(graph) - {node})
            sizes = [int(piece.weights[list(part)].sum()) for part in nx.connected_components(rest)]
            assert found[node] == max(sizes, default=0)
            steps = core.adj.get(node, ())
            assert near[node] == sum(1 if piece.weights[n] else core.degree(n) - 1 for n in steps)


@pytest.mark.parametrize("k", [1, 3])
def test_dismantling_comes_near_the_best_set(k: int) -> None:
    shares = []
    for seed in range(80):
        case = drawn(seed)
        sets = combinations(range(len(case.removed)), min(k, len(case.removed)))
        whole, least = left_by_networkx(case, []), min(left_by_networkx(case, chosen) for chosen in sets)
        left = left_by_networkx(case, dismantle(case, k))
        assert least <= left <= whole
        shares.append((whole - left) / (whole - least) if whole > least else 1.0)
    # One removal is searched exactly; three are not.
    assert np.mean(shares) >= (1.0 if k == 1 else 0.97)


def test_a_ring_is_broken_where_it_hangs_together() -> None:
    """Eight in a ring, with two more at one of them: only after that one the ring can be cut."""
    ring = [(n, n + 1) for n in range(7)] + [(0, 7)]
    case = connections(10, 10, [*ring, (0, 8), (0, 9)], range(10))
    order = dismantle(case, 3)
    assert order[0] == 0
    assert largest_left(case, order, 3).tolist() == [10, 7, 4, 2]


def test_exchanges_undo_a_first_step_that_looked_best() -> None:
    better = 0
    for seed in range(200):
        case = drawn(seed)
        before = dismantling._broken(case, 3, dismantling.by_cuts)
        left, after = left_by_networkx(case, before), left_by_networkx(case, dismantle(case, 3))
        assert after <= left
        better += after < left
    assert better > 0


def test_in_large_networks_cuts_alone_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dismantling, "SEARCHED_NODES", 0)
    for seed in range(30):
        case = drawn(seed)
        assert dismantle(case, 3) == dismantling._broken(case, 3, dismantling.by_cuts)


def accounts() -> Connections:
    """Accounts 0 and 1 of one seller (5) who is tied to 2 and to 3; 4 is nobody's friend."""
    edges = np.array([(0, 5), (1, 5), (2, 5), (3, 5)], dtype=np.int64)
    held, holder = np.array([5, 5]), np.array([0, 1])
    return Connections(5, edges[:, 0], edges[:, 1], np.arange(5), held, holder, 6)


def test_a_seller_goes_with_the_last_of_its_accounts() -> None:
    for order in ([0, 1], [1, 0, 4], [2, 0, 1], [0, 2, 1, 3]):
        expected = [left_by_networkx(accounts(), order[:k]) for k in range(len(order) + 1)]
        assert largest_left(accounts(), order, len(order)).tolist() == expected
    assert largest_left(accounts(), [0, 1], 2).tolist() == [4, 3, 1]
    assert sorted(dismantle(accounts(), 2)) == [0, 1]


def test_nothing_is_left_to_break() -> None:
    assert dismantle(connections(0, 0, [], []), 3) == []
    assert dismantle(connections(3, 3, [], range(3)), 3) == []
    assert largest_left(connections(0, 0, [], []), [], 1).tolist() == [0, 0]
    # Tied without a contact: no contact's removal parts them.
    assert dismantle(connections(2, 3, [(0, 1)], [2]), 1) == []
