"""Connected components, whatever the order of the input."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.clusters import cluster

NAMES = [f"p|{n}" for n in range(8)]


def groups(accounts: list[str], pairs: list[tuple[str, str]]) -> list[list[str]]:
    table = pa.table(
        {"src": pa.array([a for a, _ in pairs], pa.string()), "dst": pa.array([b for _, b in pairs], pa.string())}
    )
    found: dict[int, list[str]] = {}
    for row in cluster(pa.array(accounts, pa.string()), table).to_pylist():
        found.setdefault(row["cluster"], []).append(row["account"])
    return sorted(found.values())


def test_chains_are_one_and_strangers_alone() -> None:
    assert groups(["d", "c", "b", "a"], [("a", "b"), ("c", "b")]) == [["a", "b", "c"], ["d"]]


def test_no_accounts_give_no_clusters() -> None:
    assert groups([], []) == []


def test_a_clusters_number_is_the_place_of_its_smallest_account() -> None:
    pairs = pa.table({"src": ["b"], "dst": ["d"]})
    assert cluster(pa.array(["d", "c", "b", "a"]), pairs)["cluster"].to_pylist() == [0, 1, 2, 1]


def test_a_pair_of_unknown_accounts_is_an_error() -> None:
    with pytest.raises(KeyError):
        groups(["a"], [("a", "b")])


@given(
    pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12),
    data=st.data(),
)
def test_order_and_direction_do_not_matter(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    turned = [(b, a) if data.draw(st.booleans()) else (a, b) for a, b in data.draw(st.permutations(pairs))]
    assert groups(NAMES, pairs) == groups(data.draw(st.permutations(NAMES)), turned)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12))
def test_clusters_are_those_of_a_plain_search(pairs: list[tuple[str, str]]) -> None:
    reached = {name: {name} for name in NAMES}
    for _ in NAMES:
        for a, b in pairs:
            both = reached[a] | reached[b]
            for name in both:
                reached[name] = both
    expected = {tuple(sorted(members)) for members in reached.values()}
    assert groups(NAMES, pairs) == sorted(map(list, expected))
