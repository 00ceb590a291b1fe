"""Seller ids stay with those whom they named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolvers.ids import assign_ids, moves, seller_id

A, B, C, D = "a|1", "b|2", "c|3", "d|4"
S, T = "seller:000000000001", "seller:000000000002"


def test_a_new_cluster_is_named_by_its_smallest_account() -> None:
    assert assign_ids([[B, A], [C]], {}) == {A: seller_id(A), B: seller_id(A), C: seller_id(C)}
    assert seller_id(A).startswith("seller:")
    assert len(seller_id(A)) == len("seller:") + 12


def test_ids_of_networks_begin_with_their_own_word() -> None:
    found = assign_ids([[A, B]], {}, prefix="network")
    assert found[A] == seller_id(A, "network") == seller_id(A).replace("seller:", "network:")
    assert assign_ids([[A, B, C]], found, prefix="network")[C] == found[A]


def test_ids_stay_when_nothing_changes() -> None:
    first = assign_ids([[A, B], [C]], {})
    assert assign_ids([[C], [B, A]], first) == first


def test_a_growing_cluster_keeps_its_id_though_a_smaller_account_comes() -> None:
    assert assign_ids([[A, B, C]], {B: S, C: S}) == dict.fromkeys([A, B, C], S)


def test_a_merge_keeps_the_id_of_the_larger_part() -> None:
    assert assign_ids([[A, B, C]], {A: S, B: T, C: T}) == dict.fromkeys([A, B, C], T)


def test_a_tie_keeps_the_smallest_id() -> None:
    assert assign_ids([[A, B]], {A: T, B: S}) == {A: S, B: S}


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    found = assign_ids([[A], [B, C]], {A: S, B: S, C: S})
    assert found == {A: seller_id(A), B: S, C: S}


def test_an_equal_split_leaves_the_id_with_the_smallest_account() -> None:
    found = assign_ids([[B, D], [A, C]], dict.fromkeys([A, B, C, D], S))
    assert found[A] == found[C] == S
    assert found[B] == found[D] == seller_id(B)


def test_a_cluster_that_loses_its_first_choice_takes_the_next() -> None:
    earlier = {A: S, B: S, C: S, D: T, "e|5": S}
    found = assign_ids([[A, B, C], [D, "e|5"]], earlier)
    assert found[A] == S
    assert found[D] == T


def test_a_taken_id_goes_on_to_the_next_account_and_then_to_a_number() -> None:
    own = seller_id(A)
    assert assign_ids([[A, B], [C, D, "e|5"]], {C: own, D: own, "e|5": own, A: own})[A] == seller_id(B)
    alone = assign_ids([[A], [B, C]], {A: own, B: own, C: own})
    assert alone[A] not in (own, seller_id(B))
    assert alone[A] == seller_id(f"{A}#1")


def test_moves_count_accounts_that_changed_seller() -> None:
    assert moves({A: S, B: S, C: T, D: T}, {A: S, B: S, C: S, D: S}) == {(S, T): 2}
    assert moves({A: S, B: S}, {A: S, B: T}) == {(T, S): 1}
    assert moves({A: S}, {}) == {}


ACCOUNTS = [f"p|{n}" for n in range(7)]
partitions = st.lists(st.integers(0, 6), min_size=7, max_size=7)


def clusters_of(labels: list[int]) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for account, label in zip(ACCOUNTS, labels, strict=True):
        found.setdefault(label, []).append(account)
    return list(found.values())


@given(before=partitions, after=partitions, data=st.data())
def test_every_cluster_has_one_id_of_its_own_in_any_order(
    before: list[int], after: list[int], data: st.DataObject
) -> None:
    earlier = assign_ids(clusters_of(before), {})
    clusters = clusters_of(after)
    found = assign_ids(clusters, earlier)
    assert set(found) == set(ACCOUNTS)
    assert len({found[members[0]] for members in clusters}) == len(clusters)
    assert all(len({found[account] for account in members}) == 1 for members in clusters)
    shuffled = [data.draw(st.permutations(members)) for members in data.draw(st.permutations(clusters))]
    assert assign_ids(shuffled, dict(reversed(earlier.items()))) == found
    assert assign_ids(clusters, found) == found
