"""Judgements: appended, taken back, replayed to any date; contradictions are named and never silently resolved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.stores import GraphStore
from resolvers.chains import Judgement, contradictions
from resolvers.judgements import beside, check, judge, judge_all, read_history, read_judgements, retract
from resolvers.replay import groups, replay
from resolvers.splits import split
from sellergraph.errors import UsageError

NOON = datetime(2019, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, C, D = (f"xianyu|{name}" for name in ("ann", "bo", "carl", "dan"))


def accounts(store: GraphStore, ids: list[str], seller: str | None = None) -> None:
    rows = [{"id": i, "platform": i.partition("|")[0], "seller_id": i.partition("|")[2]} for i in ids]
    tables = {"Account": pa.Table.from_pylist(rows)}
    if seller:
        tables["Seller"] = pa.table({"id": [seller]})
        tables["Account.RUN_BY.Seller"] = pa.table({"src": ids, "dst": [seller] * len(ids)})
    store.write(tables)


def links(store: GraphStore, pairs: list[tuple[str, str, float]], **more: Any) -> None:
    rows = [dict(zip(("src", "dst"), sorted(pair[:2]), strict=True)) | {"weight": pair[2]} for pair in pairs]
    store.write({"Account.MATCHES.Account": pa.Table.from_pylist([row | {"joined": True} | more for row in rows])})


@pytest.fixture
def case(store: GraphStore) -> GraphStore:
    """Four accounts, of which nothing else is known."""
    accounts(store, [A, B, C, D])
    return store


def said(store: GraphStore, left: str, right: str, verdict: str, now: datetime = NOON) -> Judgement:
    return judge(store, left, right, verdict, "Li", "seen in a chat", now)


def verdicts(table: pa.Table) -> list[tuple[str, str, str]]:
    return [(row["left"], row["right"], row["verdict"]) for row in table.to_pylist()]


def test_a_judgement_is_kept_with_all_that_was_said(case: GraphStore) -> None:
    made = said(case, B, A, "same", datetime(2019, 3, 1, 20, 0, 0, 5, tzinfo=timezone(8 * timedelta(hours=1))))
    assert made.id.startswith("judgement:20190301T120000.000005Z-")
    assert read_judgements(case).to_pylist() == [
        {
            "id": made.id,
            "left": A,
            "right": B,
            "verdict": "same",
            "author": "Li",
            "reason": "seen in a chat",
            "made_at": datetime(2019, 3, 1, 12, 0, 0, 5),
        }
    ]


def test_no_judgements_are_an_empty_table(case: GraphStore) -> None:
    found = read_judgements(case)
    assert (found.num_rows, found.schema.field("made_at").type) == (0, pa.timestamp("us"))
    check(found)


@pytest.mark.parametrize(
    ("left", "right", "verdict", "author", "reason", "message"),
    [
        (A, "xianyu|an", "same", "Li", "x", r"no account 'xianyu\|an': did you mean xianyu\|ann"),
        (A, "somebody", "same", "Li", "x", r"no account 'somebody': an account is written platform\|seller_id"),
        (A, A, "same", "Li", "x", "is one account"),
        (A, B, "equal", "Li", "x", "'equal' is none of same, different, unsure"),
        (A, B, "same", " ", "x", "--by is empty"),
        (A, B, "same", "Li", "", "--reason is empty"),
    ],
)
def test_what_cannot_be_recorded(
    case: GraphStore, left: str, right: str, verdict: str, author: str, reason: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        judge(case, left, right, verdict, author, reason, NOON)
    assert read_history(case).num_rows == 0


def test_in_an_empty_case_nobody_is_known(store: GraphStore) -> None:
    with pytest.raises(UsageError, match="the case has none yet, run sellergraph ingest"):
        said(store, A, B, "same")


def test_the_opposite_on_one_pair_is_refused_until_the_first_is_taken_back(case: GraphStore) -> None:
    first = said(case, A, B, "same")
    with pytest.raises(UsageError) as refused:
        judge(case, B, A, "different", "Wu", "two voices", NOON + DAY)
    assert str(refused.value) == (
        f"not recorded: {A} different {B} contradicts what stands: {A} same {B} ({first.id}, by Li, "
        "2019-03-01 12:00 UTC). Take one back first: sellergraph retract ID --by NAME --reason TEXT"
    )
    assert verdicts(read_history(case)) == [(A, B, "same")]
    retract(case, first.id, "Li", "misread", NOON + DAY)
    said(case, A, B, "different", NOON + 2 * DAY)
    assert verdicts(read_judgements(case)) == [(A, B, "different")]


def test_a_contradiction_through_a_chain_names_the_chain(case: GraphStore) -> None:
    first, second = said(case, A, B, "same"), said(case, B, C, "same")
    said(case, C, D, "same")
    with pytest.raises(UsageError, match="contradicts what stands") as refused:
        said(case, C, A, "different")
    assert first.id in str(refused.value)
    assert second.id in str(refused.value)
    assert str(refused.value).count("(judgement:") == 2


def test_a_same_that_closes_a_chain_is_refused(case: GraphStore) -> None:
    first, second = said(case, A, C, "different"), said(case, A, B, "same")
    with pytest.raises(UsageError, match="not recorded") as refused:
        said(case, B, C, "same")
    assert first.id in str(refused.value)
    assert second.id in str(refused.value)


def test_unsure_contradicts_nothing_and_takes_nothing_back(case: GraphStore) -> None:
    first = said(case, A, B, "same")
    unsure = said(case, A, B, "unsure", NOON + DAY)
    assert beside(case, unsure) == [first]
    again = said(case, A, B, "same", NOON + 2 * DAY)
    assert beside(case, again) == [first, unsure]
    assert read_judgements(case).num_rows == 3


def test_all_or_none_are_recorded(case: GraphStore) -> None:
    said(case, A, B, "same")
    with pytest.raises(UsageError, match="not recorded"):
        judge_all(case, [(C, D, "same"), (A, B, "different")], "Li", "x", NOON)
    assert verdicts(read_history(case)) == [(A, B, "same")]


def test_taking_back_is_recorded_and_done_once(case: GraphStore) -> None:
    made = said(case, A, B, "same")
    gone = retract(case, made.id, "Wu", "another Ann", NOON + DAY)
    assert (gone.id, gone.verdict, gone.retracted_by) == (made.id, "same", "Wu")
    (row,) = read_history(case).to_pylist()
    assert (row["author"], row["reason"], row["retracted_reason"]) == ("Li", "seen in a chat", "another Ann")
    assert row["retracted_at"] == datetime(2019, 3, 2, 12)
    with pytest.raises(UsageError, match="taken back already, by Wu on 2019-03-02 12:00 UTC: another Ann"):
        retract(case, made.id, "Li", "x", NOON + 2 * DAY)
    with pytest.raises(UsageError, match="no judgement 'judgement:none'"):
        retract(case, "judgement:none", "Li", "x", NOON)
    other = said(case, A, B, "different", NOON + 3 * DAY)
    with pytest.raises(UsageError, match="--reason is empty"):
        retract(case, other.id, "Li", " ", NOON)


def test_what_stood_at_a_date(case: GraphStore) -> None:
    made = said(case, A, B, "same")
    retract(case, made.id, "Wu", "another Ann", NOON + 2 * DAY)
    said(case, A, B, "different", NOON + 3 * DAY)
    stood = [len(verdicts(read_judgements(case, NOON + n * DAY / 2))) for n in (-1, 0, 3, 4, 5, 6)]
    assert stood == [0, 1, 1, 0, 0, 1]
    (then,) = read_history(case, NOON + DAY).to_pylist()
    assert (then["retracted_at"], then["retracted_by"], then["retracted_reason"]) == (None, None, None)


def written(store: GraphStore, *rows: tuple[str, str, str]) -> None:
    """Judgements as another tool may have written them."""
    store.write(
        {
            "Judgement": pa.table(
                {
                    "id": [f"judgement:{n}" for n in range(len(rows))],
                    "left_id": [row[0] for row in rows],
                    "right_id": [row[1] for row in rows],
                    "verdict": [row[2] for row in rows],
                    "author": ["tool"] * len(rows),
                    "made_at": [datetime(2019, 1, 1)] * len(rows),
                }
            )
        }
    )


def test_contradictions_that_got_into_the_graph_are_named(case: GraphStore) -> None:
    written(case, (C, A, "different"), (B, A, "same"), (B, C, "same"), (D, C, "same"), (D, A, "different"))
    with pytest.raises(UsageError, match=r"contradict each other \(1 more") as refused:
        check(read_judgements(case))
    for number in range(3):
        assert f"judgement:{number}" in str(refused.value)
    assert "judgement:3" not in str(refused.value)
    # They stop resolution, not what has nothing to do with them.
    accounts(case, ["xianyu|eve"])
    said(case, D, "xianyu|eve", "same")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((A, B, "maybe"), "judgement:0 has the verdict 'maybe'"),
        ((A, None, "same"), "does not name two accounts"),
        ((A, A, "different"), "contradict each other"),
    ],
)
def test_judgements_that_say_nothing(case: GraphStore, row: Any, message: str) -> None:
    written(case, row)
    with pytest.raises(UsageError, match=message):
        check(read_judgements(case))


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.sampled_from(["same", "different"])),
        max_size=10,
    ),
    st.randoms(use_true_random=False),
)
def test_chains_lead_from_one_to_the_other(rows: list[tuple[str, str, str]], shuffle: Any) -> None:
    judgements = [Judgement(f"j{n}", *row, "Li", "x", datetime(2019, 1, 1)) for n, row in enumerate(rows)]
    found = list(contradictions(judgements))
    for *chain, last in found:
        at = last.left
        for step in chain:
            assert (step.verdict, last.verdict) == ("same", "different")
            at = step.left if at == step.right else step.right
        assert at == last.right
    shuffle.shuffle(judgements)
    assert list(contradictions(judgements)) == found


def clusters_of(store: GraphStore, at: datetime | None = None) -> dict[str, str]:
    return {row["account_id"]: row["group"] for row in groups(replay(store, at)).to_pylist()}


def test_replay_to_a_date(case: GraphStore) -> None:
    links(case, [(A, B, 9.0), (B, C, 4.0)])
    made = said(case, A, C, "different")
    assert clusters_of(case, NOON - DAY) == {A: A, B: A, C: A, D: D}
    assert clusters_of(case) == {A: A, B: A, C: C, D: D}
    retract(case, made.id, "Wu", "x", NOON + DAY)
    said(case, C, D, "same", NOON + 2 * DAY)
    assert clusters_of(case, NOON + DAY / 2) == {A: A, B: A, C: C, D: D}
    assert clusters_of(case, NOON + DAY) == {A: A, B: A, C: A, D: D}
    assert clusters_of(case) == {A: A, B: A, C: A, D: A}


def test_replay_decides_cuts_by_judgement_anew_and_leaves_contradicted_bridges(case: GraphStore) -> None:
    links(case, [(A, B, 9.0)], joined=False, cut=f"cut: {A} and {B} were judged different")
    links(case, [(C, D, 9.0)], joined=False, cut="weak bridge: places contradict")
    links(case, [(A, D, -3.0)], joined=False)
    assert clusters_of(case) == {A: A, B: A, C: C, D: D}
    assert replay(case).cut.to_pylist() == [{"src": C, "dst": D, "reason": "weak bridge: places contradict"}]
    said(case, C, D, "same")
    assert clusters_of(case) == {A: A, B: A, C: C, D: C}
    assert replay(case).cut.num_rows == 0


def test_replay_refuses_contradictions_and_knows_an_empty_case(store: GraphStore) -> None:
    assert replay(store).assigned.num_rows == 0
    accounts(store, [A, B])
    written(store, (A, B, "same"), (A, B, "different"))
    with pytest.raises(UsageError, match="contradict each other"):
        replay(store)


@pytest.fixture
def seller(store: GraphStore) -> GraphStore:
    """A seller of eight accounts: two cliques of four, joined by one strong link."""
    names = [f"x|{n}" for n in range(8)]
    accounts(store, names, "seller:one")
    cliques = [(a, b, 5.0) for half in (names[:4], names[4:]) for a, b in combinations(half, 2)]
    links(store, [*cliques, ("x|1", "x|5", 9.0)])
    return store


def parted(store: GraphStore) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for account, group in clusters_of(store).items():
        found.setdefault(group, []).append(account[2:])
    return sorted(found.values())


def test_half_a_seller_is_parted_from_every_account_of_the_rest(seller: GraphStore) -> None:
    made = split(seller, "seller:one", ["x|4", "x|5", "x|6", "x|7"], "Li", "two voices", NOON)
    assert [(j.left, j.right) for j in made if j.verdict == "same"] == [("x|4", "x|5"), ("x|4", "x|6"), ("x|4", "x|7")]
    apart = [(j.left, j.right) for j in made if j.verdict == "different"]
    assert sorted({tuple(sorted(ends)) for ends in apart}) == [(f"x|{n}", "x|4") for n in range(4)]
    assert parted(seller) == [["0", "1", "2", "3"], ["4", "5", "6", "7"]]


def test_one_of_a_clique_is_parted_and_the_others_stay_together(seller: GraphStore) -> None:
    made = split(seller, "x|0", ["x|0"], "Li", "two voices", NOON)
    assert {j.verdict for j in made} == {"different"}
    assert len(made) == 7
    assert parted(seller) == [["0"], ["1", "2", "3", "4", "5", "6", "7"]]


def test_named_accounts_that_are_not_linked_are_not_called_the_same(seller: GraphStore) -> None:
    made = split(seller, "seller:one", ["x|0", "x|7"], "Li", "two voices", NOON)
    assert {j.verdict for j in made} == {"different"}
    assert parted(seller) == [["0"], ["1", "2", "3", "4", "5", "6"], ["7"]]


def test_a_split_keeps_its_negatives_when_sames_are_taken_back(seller: GraphStore) -> None:
    made = split(seller, "seller:one", ["x|4", "x|5", "x|6", "x|7"], "Li", "two voices", NOON)
    for judgement in made:
        if judgement.verdict == "same":
            retract(seller, judgement.id, "Li", "not so sure", NOON + DAY)
    assert set(read_judgements(seller)["verdict"].to_pylist()) == {"different"}
    # New evidence does not bring back together what was judged different.
    links(seller, [("x|0", "x|4", 3.0)])
    assert all(clusters_of(seller)[j.left] != clusters_of(seller)[j.right] for j in made if j.verdict == "different")


def test_nothing_that_comes_later_joins_it_again(seller: GraphStore) -> None:
    split(seller, "x|0", ["x|0"], "Li", "two voices", NOON)
    links(seller, [("x|0", f"x|{n}", 30.0) for n in range(1, 8)])
    assert parted(seller) == [["0"], ["1", "2", "3", "4", "5", "6", "7"]]


def test_what_cannot_be_split(seller: GraphStore) -> None:
    everyone = [f"x|{n}" for n in range(8)]
    for named, message in (
        (["x|9"], r"x\|9 is no account of seller:one"),
        (everyone, "not all"),
        ([], "name some of the 8 accounts"),
    ):
        with pytest.raises(UsageError, match=message):
            split(seller, "seller:one", named, "Li", "x", NOON)
    with pytest.raises(UsageError, match="no seller or account 'seller:none'"):
        split(seller, "seller:none", everyone[:1], "Li", "x", NOON)
    split(seller, "seller:one", ["x|0"], "Li", "x", NOON)
    with pytest.raises(UsageError, match="part them already"):
        split(seller, "seller:one", ["x|0"], "Li", "x", NOON)


def test_accounts_judged_the_same_are_not_split(seller: GraphStore) -> None:
    first = said(seller, "x|0", "x|1", "same")
    with pytest.raises(UsageError, match=first.id):
        split(seller, "seller:one", ["x|0"], "Li", "x", NOON)
