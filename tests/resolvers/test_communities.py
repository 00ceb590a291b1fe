"""Communities: nothing but the ties of a part decides it, and thin bridges join only what is small."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.communities import STEP, communities

bridges = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.integers(128, 700)), max_size=90)


def joined(edges: list[tuple[int, int, int]], count: int, place: list[int]) -> list[set[int]]:
    """Communities of a graph of 30 nodes whose n-th node stands at place[n] among `count`, each in nodes."""
    bits = {(min(a, b), max(a, b)): steps * STEP for a, b, steps in edges if a != b}
    pairs = sorted(bits)
    left, right = (np.array([place[pair[end]] for pair in pairs], dtype=np.int64) for end in (0, 1))
    labels = communities(count, left, right, np.array([bits[pair] for pair in pairs], dtype=float), 2.0)
    found: dict[int, set[int]] = {}
    for node, where in enumerate(place):
        found.setdefault(int(labels[where]), set()).add(node)
    return sorted(found.values(), key=min)


@settings(max_examples=60, deadline=None)
@given(edges=bridges, others=bridges)
def test_what_is_found_in_one_part_does_not_depend_on_the_rest(
    edges: list[tuple[int, int, int]], others: list[tuple[int, int, int]]
) -> None:
    alone = joined(edges, 30, list(range(30)))
    beside = [(a + 30, b + 30, steps) for a, b, steps in others]
    mixed = joined(edges + beside, 60, [2 * n for n in range(30)] + [2 * n + 1 for n in range(30)])
    assert alone == [group for group in mixed if min(group) < 30]


def test_thin_bridges_do_not_join_large_groups() -> None:
    def cliques(size: int) -> list[tuple[int, int, int]]:
        edges = [(a, b, 256) for start in (0, size) for a in range(start, start + size) for b in range(start, a)]
        return [*edges, (0, size, 256)]

    whole = [len(group) for group in joined(cliques(7), 30, list(range(30))) if len(group) > 1]
    parted = [len(group) for group in joined(cliques(9), 30, list(range(30))) if len(group) > 1]
    assert (whole, parted) == ([14], [9, 9])


def test_the_same_graph_gives_the_same_in_every_call() -> None:
    dice = np.random.default_rng(3)
    pairs = sorted({(int(min(pair)), int(max(pair))) for pair in dice.integers(0, 400, (900, 2)) if pair[0] != pair[1]})
    left, right = np.array(pairs, dtype=np.int64).T
    bits = dice.integers(128, 512, len(pairs)) * STEP
    first = communities(400, left, right, bits, 2.0)
    assert 10 < len(np.unique(first)) < 200
    assert all(np.array_equal(first, communities(400, left, right, bits, 2.0)) for _ in range(3))


def test_sellers_without_ties_are_alone() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert communities(0, none, none, none * STEP, 2.0).tolist() == []
    assert communities(3, none, none, none * STEP, 2.0).tolist() == [0, 1, 2]
