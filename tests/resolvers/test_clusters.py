"""Clusters: a pure function of links and judgements, whatever the order of the input."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.clusters import Clustering, cluster, no_profiles
from sellergraph.errors import UsageError

NAMES = [f"p|{n}" for n in range(8)]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 30)), max_size=14)
JUDGED = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.just("different")), max_size=3)
TRAITS = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(*(st.lists(st.sampled_from(values), max_size=2) for values in ("京沪", "甲乙", "象龟"))),
)
UNBOUNDED = settings(deadline=None, max_examples=50)

Pair = tuple[str, str, float]
Judged = tuple[str, str, str]


def pairs_table(pairs: list[Pair]) -> pa.Table:
    ends = [sorted(pair[:2]) for pair in pairs]
    columns = [pa.array([end[i] for end in ends], pa.string()) for i in (0, 1)]
    return pa.table([*columns, pa.array([float(pair[2]) for pair in pairs], pa.float64())], ["src", "dst", "weight"])


def judged_table(judged: list[Judged]) -> pa.Table:
    columns = [pa.array([row[i] for row in judged], pa.string()) for i in range(3)]
    return pa.table(columns, ["left", "right", "verdict"])


def profiles_table(traits: dict[str, tuple[Any, Any, Any]]) -> pa.Table:
    rows = [{"account": a, "places": p, "names": n, "goods": g} for a, (p, n, g) in traits.items()]
    return pa.Table.from_pylist(rows, schema=no_profiles().schema)


def clustered(
    accounts: list[str],
    pairs: list[Pair],
    judged: list[Judged] | None = None,
    traits: dict[str, tuple[Any, Any, Any]] | None = None,
    **more: int,
) -> Clustering:
    tables = pairs_table(pairs), profiles_table(traits or {}), judged_table(judged or [])
    return cluster(pa.array(accounts, pa.string()), *tables, **more)


def groups(found: Clustering) -> list[list[str]]:
    members: dict[int, list[str]] = {}
    for row in found.assigned.to_pylist():
        members.setdefault(row["cluster"], []).append(row["account"])
    return sorted(members.values())


def cuts(found: Clustering) -> dict[tuple[str, str], str]:
    return {(row["src"], row["dst"]): row["reason"] for row in found.cut.to_pylist()}


def test_chains_are_one_and_strangers_alone() -> None:
    assert groups(clustered(["d", "c", "b", "a"], [("a", "b", 9), ("c", "b", 9)])) == [["a", "b", "c"], ["d"]]


def test_no_accounts_give_no_clusters() -> None:
    found = clustered([], [])
    assert (found.assigned.num_rows, found.cut.num_rows, found.alarms.num_rows) == (0, 0, 0)
    assert found.assigned.schema == pa.schema([("account", pa.string()), ("cluster", pa.int64())])


def test_a_clusters_number_is_the_place_of_its_smallest_account() -> None:
    assert clustered(["d", "c", "b", "a"], [("b", "d", 9)]).assigned["cluster"].to_pylist() == [0, 1, 2, 1]


def test_a_pair_of_unknown_accounts_is_an_error() -> None:
    with pytest.raises(KeyError):
        clustered(["a"], [("a", "b", 9)])


@UNBOUNDED
@given(pairs=PAIRS, judged=JUDGED, traits=TRAITS, data=st.data())
def test_order_and_direction_do_not_matter(
    pairs: list[Pair], judged: list[Judged], traits: dict[str, Any], data: st.DataObject
) -> None:
    judged = [row for row in judged if row[0] != row[1]]
    turned = [(b, a, verdict) for a, b, verdict in data.draw(st.permutations(judged))]
    again = dict(data.draw(st.permutations(list(traits.items()))))
    found = clustered(NAMES, pairs, judged, traits, size_limit=3)
    other = clustered(data.draw(st.permutations(NAMES)), data.draw(st.permutations(pairs)), turned, again, size_limit=3)
    assert found == other


@UNBOUNDED
@given(PAIRS)
def test_clusters_are_those_of_a_plain_search(pairs: list[Pair]) -> None:
    reached = {name: {name} for name in NAMES}
    for _ in NAMES:
        for a, b, _ in pairs:
            both = reached[a] | reached[b]
            for name in both:
                reached[name] = both
    expected = {tuple(sorted(members)) for members in reached.values()}
    assert groups(clustered(NAMES, pairs)) == sorted(map(list, expected))


@UNBOUNDED
@given(PAIRS, JUDGED, TRAITS)
def test_what_is_cut_is_apart_and_what_is_used_is_together(
    pairs: list[Pair], judged: list[Judged], traits: dict[str, Any]
) -> None:
    judged = [row for row in judged if row[0] != row[1]]
    found = clustered(NAMES, pairs, judged, traits)
    of = dict(zip(found.assigned["account"].to_pylist(), found.assigned["cluster"].to_pylist(), strict=True))
    used = {tuple(sorted(pair[:2])) for pair in pairs} - set(cuts(found))
    assert all(of[a] == of[b] for a, b in used)
    assert all(of[a] != of[b] for a, b in cuts(found))
    assert all(of[a] != of[b] for a, b, _ in judged)


def test_same_joins_without_evidence_and_unsure_does_nothing() -> None:
    judged = [("c", "a", "same"), ("a", "b", "unsure"), ("d", "e", "unsure")]
    found = clustered(list("abcde"), [("d", "e", 9)], judged)
    assert groups(found) == [["a", "c"], ["b"], ["d", "e"]]


def test_same_holds_through_an_account_that_is_gone() -> None:
    found = clustered(["a", "b", "c"], [], [("a", "gone", "same"), ("gone", "b", "same"), ("c", "0gone", "different")])
    assert groups(found) == [["a", "b"], ["c"]]
    assert found.assigned["cluster"].to_pylist() == [0, 0, 2]


def test_different_cuts_at_the_weakest_evidence() -> None:
    found = clustered(list("abcd"), [("a", "b", 9), ("b", "c", 4), ("c", "d", 9)], [("d", "a", "different")])
    assert groups(found) == [["a", "b"], ["c", "d"]]
    assert cuts(found) == {("b", "c"): "cut: a and d were judged different (weakest evidence on the way)"}


def test_different_through_same_is_a_contradiction() -> None:
    judged = [("a", "b", "same"), ("b", "c", "same"), ("c", "a", "different")]
    with pytest.raises(UsageError, match="a and c are judged different, and the same through a chain"):
        clustered(list("abc"), [], judged)
    with pytest.raises(UsageError, match="a is judged different from itself"):
        clustered(list("abc"), [], [("a", "a", "different")])


@UNBOUNDED
@given(PAIRS, JUDGED, TRAITS)
def test_judgements_change_nothing_but_the_components_of_the_judged(
    pairs: list[Pair], judged: list[Judged], traits: dict[str, Any]
) -> None:
    judged = [row for row in judged if row[0] != row[1]]
    whole = groups(clustered(NAMES, pairs))
    ends = {end for row in judged for end in row[:2]}
    untouched = {name for component in whole if not ends & set(component) for name in component}
    before, after = (groups(clustered(NAMES, pairs, rows, traits)) for rows in ([], judged))
    assert [g for g in before if set(g) <= untouched] == [g for g in after if set(g) <= untouched]


BRIDGE = "ab", "cd"
BEIJING, SHANGHAI = (["北京"], ["象牙阁"], ["elephant"]), (["上海"], ["龟友之家"], ["tortoise"])


def joined_by(bits: float, left: tuple[Any, Any, Any], right: tuple[Any, Any, Any], side: int = 3) -> Clustering:
    """Two cliques of `side` accounts, joined by one link; every account of a clique has its traits."""
    accounts = [f"{clique}{n}" for clique in "xy" for n in range(side)]
    pairs = [(a, b, 20.0) for a, b in combinations(accounts, 2) if a[0] == b[0]]
    traits = {account: left if account[0] == "x" else right for account in accounts}
    return clustered(accounts, [*pairs, ("x1", "y1", bits)], None, traits)


def test_a_weak_bridge_that_place_and_name_contradict_is_cut() -> None:
    found = joined_by(12, BEIJING[:2] + ([],), SHANGHAI[:2] + (None,))
    assert groups(found) == [["x0", "x1", "x2"], ["y0", "y1", "y2"]]
    reason = "weak bridge: places (北京 against 上海) and names (象牙阁 against 龟友之家) contradict"
    assert cuts(found) == {("x1", "y1"): reason}


@pytest.mark.parametrize(
    ("bits", "left", "right", "stands"),
    [
        (12, BEIJING, SHANGHAI, False),
        (25, BEIJING, SHANGHAI, True),  # overwhelming evidence
        (12, BEIJING, BEIJING, True),
        (12, BEIJING, (None, None, None), True),  # nothing said, nothing contradicted
        (12, (["北京"], None, None), SHANGHAI, True),  # one thing alone
        (12, (["北京"], ["象牙阁"], ["elephant"]), (["上海"], ["象牙阁"], ["elephant"]), True),  # moved
        (12, (["北京"], ["象牙阁"], ["elephant"]), (["上海"], ["象牙阁"], ["tortoise"]), True),  # a name outweighs
        (12, (["北京"], ["象牙阁"], ["elephant"]), (["上海"], ["老象牙阁"], ["elephant"]), True),  # names alike
        (12, (["北京"], ["象牙阁"], ["elephant"]), (["北京"], ["龟友之家"], ["elephant"]), True),  # two shops
        (12, (["北京"], ["象牙阁"], ["elephant"]), (["北京"], ["龟友之家"], ["tortoise"]), False),
        (12, (["北京"], None, ["elephant"]), (["上海"], None, ["tortoise"]), False),
        (4, (["北京"], None, None), (["上海"], None, None), False),  # thin evidence, firm places
        (4, (["北京"], None, ["elephant"]), (["上海"], None, ["elephant"]), True),
        (4, (None, None, ["elephant"]), (None, None, ["tortoise"]), True),
        (12, (["北京", "上海"], ["象牙阁"], None), SHANGHAI, True),  # in both cities
    ],
)
def test_what_contradicts_a_bridge(bits: float, left: Any, right: Any, stands: bool) -> None:
    assert (len(groups(joined_by(bits, left, right))) == 1) is stands


def test_thin_evidence_needs_three_accounts_a_side() -> None:
    assert len(groups(joined_by(4, (["北京"], None, None), (["上海"], None, None), side=2))) == 1
    assert len(groups(joined_by(4, BEIJING, SHANGHAI, side=2))) == 2


def test_what_one_account_says_is_not_its_sides_word() -> None:
    accounts = ["a", "b", "c", "d"]
    pairs: list[Pair] = [("a", "b", 20), ("b", "c", 9), ("c", "d", 20)]
    said = {"a": BEIJING, "b": BEIJING, "c": SHANGHAI}
    assert len(groups(clustered(accounts, pairs, None, said))) == 1
    assert len(groups(clustered(accounts, pairs, None, said | {"d": SHANGHAI}))) == 2
    # An account alone at the end of a link is no side of its own.
    assert len(groups(clustered(accounts[:3], pairs[:2], None, said))) == 1


def test_two_links_together_are_weak_when_their_sum_is() -> None:
    accounts = [f"{clique}{n}" for clique in "xy" for n in range(4)]
    inside = [(a, b, 20.0) for a, b in combinations(accounts, 2) if a[0] == b[0]]
    said = {account: BEIJING if account[0] == "x" else SHANGHAI for account in accounts}
    for bits, seen in ((12.0, 2), (13.0, 1)):
        found = clustered(accounts, [*inside, ("x0", "y0", bits), ("x0", "y1", bits)], None, said)
        assert len(groups(found)) == seen
        assert len(cuts(found)) == (2 if seen == 2 else 0)


def test_in_a_chain_an_account_is_seen_with_those_behind_it() -> None:
    accounts = list("abcdef")
    pairs: list[Pair] = [(a, b, 9) for a, b in zip(accounts, accounts[1:], strict=False)]
    said = {account: BEIJING if account < "d" else SHANGHAI for account in accounts}
    found = clustered(accounts, pairs, None, said)
    assert groups(found) == [["a", "b", "c"], ["d", "e", "f"]]


def test_a_third_seller_behind_the_second_does_not_hide_the_contradiction() -> None:
    accounts = [f"{clique}{n}" for clique in "xyz" for n in range(3)]
    pairs: list[Pair] = [(a, b, 20) for a, b in combinations(accounts, 2) if a[0] == b[0]]
    said = {account: SHANGHAI if account[0] == "y" else BEIJING for account in accounts}
    found = clustered(accounts, [*pairs, ("x0", "y0", 9), ("y1", "z0", 9)], None, said)
    assert len(groups(found)) == 3


def test_an_analysts_same_outweighs_a_contradiction() -> None:
    accounts, pairs = list("abcd"), [("a", "b", 20), ("b", "c", 9), ("c", "d", 20)]
    said = {account: BEIJING if account < "c" else SHANGHAI for account in accounts}
    assert len(groups(clustered(accounts, pairs, [("c", "b", "same")], said))) == 1
    assert len(groups(clustered(accounts, pairs, [("a", "d", "same")], said))) == 1
    assert len(groups(clustered(accounts, pairs, [("a", "d", "different")], said))) == 2


def test_an_unusually_large_cluster_is_shown_and_not_broken_up() -> None:
    found = clustered(
        list("abcde"), [("a", "b", 9), ("b", "c", 3.14), ("c", "d", 5)], [("a", "d", "same")], size_limit=3
    )
    assert groups(found) == [["a", "b", "c", "d"], ["e"]]
    links = "b - c (3.1 bits), c - d (5.0 bits), a - b (9.0 bits)"
    message = f"4 accounts in one seller, more than 3: check the weakest links first: {links}"
    assert found.alarms.to_pylist() == [{"account": account, "message": message} for account in "abcd"]
    assert clustered(list("abcd"), [("a", "b", 9)], size_limit=2).alarms.num_rows == 0


def test_an_alarm_without_evidence_says_so() -> None:
    found = clustered(list("ab"), [], [("a", "b", "same")], size_limit=1)
    assert found.alarms["message"][0].as_py().endswith("it rests on judgements alone")
