"""Causes of wrong and missed merges, roles and probabilities, on stores made by hand whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from graph.lines import as_text
from graph.stores import GraphStore, open_store
from resolvers.evaluate import Causes, evaluate, pool, record
from resolvers.evaluation.missed import missed_merges
from resolvers.evaluation.reading import MATCHES
from resolvers.evaluation.reliability import EDGES, reliability
from resolvers.evaluation.truth import Truth, read_truth_file
from resolvers.evaluation.wrong import cause_of, wrong_merges
from sellergraph.case import Settings
from sellergraph.cli import app
from sellergraph.errors import UsageError

ANN, ANN2, ANN3, BO, BO2, CY = "weibo|ann", "xianyu|ann2", "tieba|ann3", "weibo|bo", "xianyu|bo2", "tieba|cy"
OPERATORS = {ANN: "op-1", ANN2: "op-1", ANN3: "op-1", BO: "op-2", BO2: "op-2", CY: "op-3"}
COURIER, PASSED, OWN = "wechat:courier1", "tel:+8613800012345", "wechat:ann_own"
SELLERS = {ANN: "s1", ANN2: "s1", ANN3: "s2", BO: "s1", BO2: "s3", CY: "s1"}


def contact(key: str, shown: Mapping[str, list[str]], owners: int = 1, kind: str = "handle") -> dict[str, Any]:
    service, _, value = key.partition(":")
    return {
        "id": key,
        "kind": kind,
        "service": service,
        "value": value,
        "shown": {role: dict.fromkeys(accounts, 2) for role, accounts in shown.items()},
        "owners": [{"operator": f"op-{n}", "from_day": 0, "to_day": 9} for n in range(owners)],
    }


def truth_json(**more: Any) -> dict[str, Any]:
    return {
        "accounts": {account: {"operator": operator} for account, operator in OPERATORS.items()},
        "connected": [[ANN, ANN2, ANN3], [BO, BO2]],
        "contacts": [
            contact(OWN, {"own": [ANN, ANN2, ANN3]}),
            contact(COURIER, {"own": [BO], "courier": [ANN, CY]}),
            contact(PASSED, {"own": [ANN2, CY]}, owners=2, kind="phone"),
            contact("qr:0011", {"own": [BO, BO2]}, kind="qr"),
            contact("wechat:bo_self", {"own": [BO], "warning": [CY], "supplier": [ANN]}),
            contact("wechat:ann_0wn", {"own": [CY]}),
        ],
        "agents": [{"agent": "op-1", "supplier": "op-2"}],
        "near_handles": [[OWN, "wechat:ann_0wn"]],
    } | more


def write_truth(folder: Path, value: Any) -> Path:
    file = folder / "truth.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    return read_truth_file(write_truth(tmp_path, truth_json()))


def match(src: str, dst: str, **more: Any) -> dict[str, Any]:
    return {"src": src, "dst": dst, "probability": 0.97, "weight": 5.0, "joined": True, "contacts": []} | more


MATCHED = [
    match(ANN, ANN2, contacts=[OWN], probability=0.9995),
    match(ANN, BO, contacts=[COURIER], weight=3.0),
    match(CY, ANN2, contacts=[PASSED], weight=2.0),
    match(ANN3, BO2, joined=False, probability=0.2),
]


def rows(values: list[dict[str, Any]], schema: pa.Schema | None = None) -> pa.Table:
    return pa.Table.from_pylist(values, schema=schema)


def fill(store: GraphStore, matches: list[dict[str, Any]], uses: list[tuple[str, str, str]]) -> None:
    """Accounts, their sellers, compared pairs and decisions on contacts."""
    store.write(
        {
            "Account": rows([{"id": account} for account in OPERATORS]),
            "Seller": rows([{"id": seller} for seller in sorted(set(SELLERS.values()))]),
            "Account.RUN_BY.Seller": rows([{"src": a, "dst": s} for a, s in SELLERS.items()]),
            "Account.MATCHES.Account": as_text(rows(matches, MATCHES)),
            "Phone": rows([{"id": key} for _, key, _ in uses if key.startswith("tel:")] or [{"id": PASSED}]),
            "Handle": rows([{"id": key} for _, key, _ in uses if not key.startswith("tel:")] or [{"id": OWN}]),
        }
    )
    for label, start in (("Phone", True), ("Handle", False)):
        used = [
            {"src": account, "dst": key, "tenure": 1, "role": role}
            for account, key, role in uses
            if key.startswith("tel:") is start
        ]
        if used:
            store.write({f"Account.USES.{label}": rows(used)})


USED = [
    (ANN, OWN, "own"),
    (ANN2, OWN, "own"),
    (ANN, COURIER, "courier"),
    (CY, COURIER, "own"),
    (BO, COURIER, "own"),
    (ANN2, PASSED, "other"),
    # A phone number under which one logs in to WeChat is that phone.
    (CY, "wechat:13800012345", "own"),
    (BO2, "wechat:nobody_knows", "own"),
]


def test_causes_on_a_store(store: GraphStore, tmp_path: Path) -> None:
    fill(store, MATCHED, USED)
    found = evaluate(store, write_truth(tmp_path, truth_json()))
    causes = found.causes
    assert causes is not None
    assert (causes.connected_found, causes.connected_pairs, causes.connected_recall) == (1, 4, 0.25)
    # s1 holds two accounts of op-1, one of op-2 and one of op-3: five wrong pairs.
    assert found.scores.found_pairs - found.scores.right_pairs == 5
    assert causes.wrong_merges == {"recycled number": 3, "courier": 2}
    assert causes.wrong_links == {"courier": 1, "recycled number": 1}
    assert causes.missed_merges == {"wechat": 2, "qr": 1}
    table = {r.role: (r.read_own, r.read_not_own, r.unread) for r in causes.roles}
    assert table == {"own": (4, 1, 5), "courier": (1, 1, 0), "supplier": (0, 0, 1), "warning": (0, 0, 1)}
    figures = record(found)
    assert figures["own_precision"] == pytest.approx(4 / 5)
    assert figures["own_recall"] == pytest.approx(4 / 5)
    bins = {(b.low, b.high): (b.pairs, b.right_pairs) for b in causes.reliability if b.pairs}
    assert bins == {(0.1, 0.3): (1, 0), (0.95, 0.99): (2, 0), (0.999, 1.0): (1, 1)}


def test_a_store_without_matches_and_uses(store: GraphStore, tmp_path: Path) -> None:
    fill(store, [], [])
    causes = evaluate(store, write_truth(tmp_path, truth_json())).causes
    assert causes is not None
    assert causes.wrong_merges == {"chain": 5}
    assert (causes.wrong_links, causes.roles, causes.reliability) == ({}, (), ())


def test_pairs_that_say_nothing_of_joining_joined(store: GraphStore, tmp_path: Path) -> None:
    """As runs wrote them before pairs were kept that did not join."""
    fill(store, [row | {"joined": None} for row in MATCHED], [])
    causes = evaluate(store, write_truth(tmp_path, truth_json())).causes
    assert causes is not None
    assert causes.wrong_links == {"courier": 1, "recycled number": 1}


def test_a_case_written_before_pairs_and_uses_had_their_columns(settings: Settings, tmp_path: Path) -> None:
    database = ladybug.Database(str(settings.graph_file))
    link = ladybug.Connection(database)
    for statement in (
        "CREATE NODE TABLE Account(id STRING PRIMARY KEY)",
        "CREATE NODE TABLE Seller(id STRING PRIMARY KEY)",
        "CREATE REL TABLE RUN_BY(FROM Account TO Seller)",
        "CREATE REL TABLE MATCHES(FROM Account TO Account, probability DOUBLE, contacts STRING[])",
        f"CREATE (a:Account {{id: '{ANN}'}})-[:RUN_BY]->(s:Seller {{id: 's'}})",
        f"MATCH (s:Seller) CREATE (b:Account {{id: '{BO}'}})-[:RUN_BY]->(s)",
        "MATCH (a:Account), (b:Account) WHERE a.id < b.id CREATE (a)-[:MATCHES {probability: 0.9}]->(b)",
    ):
        link.execute(statement)
    link.close()
    database.close()
    with open_store(settings, read_only=True) as store:
        causes = evaluate(store, write_truth(tmp_path, truth_json())).causes
    assert causes is not None
    assert (causes.wrong_merges, causes.roles, causes.reliability) == ({"chain": 1}, (), ())


@pytest.mark.parametrize(
    ("one", "other", "link", "cause"),
    [
        (ANN, BO, {"contacts": [COURIER]}, "courier"),
        (CY, BO, {"contacts": ["wechat:bo_self"]}, "warning"),
        (ANN, BO, {"contacts": ["wechat:bo_self"]}, "agent"),
        (CY, ANN, {"contacts": ["wechat:bo_self"]}, "agent"),
        (ANN2, CY, {"contacts": [PASSED]}, "recycled number"),
        (ANN2, CY, {"contacts": ["wechat:13800012345"]}, "recycled number"),
        (ANN2, CY, {"contacts": [PASSED, COURIER]}, "courier"),
        (ANN, CY, {"contacts": [OWN]}, "near handle"),
        (ANN, CY, {"contacts": ["wechat:misread"]}, "other"),
        (ANN, CY, {"contacts": []}, "other"),
        (ANN, CY, {"comparisons": ["photos"], "weights": [4.0]}, "stock photo"),
        (ANN, BO, {"comparisons": ["photos"], "weights": [4.0]}, "agent"),
        (ANN, BO, {"comparisons": ["template"], "weights": [4.0]}, "agent"),
        (ANN, CY, {"comparisons": ["place", "name"], "weights": [4.0, 3.0]}, "name"),
        (ANN, CY, {"comparisons": ["name", "photos"], "weights": [1.0, 3.0]}, "stock photo"),
        (ANN, CY, {"comparisons": ["name"], "weights": [-2.0]}, "other"),
        (ANN, CY, {"comparisons": ["login"], "weights": [2.0]}, "near handle"),
    ],
)
def test_causes_of_links(truth: Truth, one: str, other: str, link: dict[str, Any], cause: str) -> None:
    ends = {"src": one, "dst": other, "one": OPERATORS[one], "other": OPERATORS[other]}
    assert cause_of(truth, {"contacts": [], "comparisons": [], "weights": []} | ends | link) == cause


@pytest.mark.parametrize(
    ("shown", "owners", "others", "cause"),
    [
        ({"tel:+8613900000001": "phone"}, 1, {}, "phone"),
        ({"tel:+8613900000001": "phone", "wechat:both": "handle"}, 1, {}, "phone"),
        ({"qq:900000001": "handle"}, 1, {}, "qq"),
        ({"mailto:a@b.example": "email"}, 1, {}, "email"),
        ({"link:https://shop.example/a": "link"}, 1, {}, "link"),
        ({"weibo:somebody": "handle"}, 1, {}, "other account name"),
        ({"tel:+8613900000001": "phone"}, 2, {}, "recycled cut"),
        ({"tel:+8613900000001": "phone"}, 1, {"courier": [CY]}, "also others' courier or hotline"),
        ({}, 1, {}, "over other accounts only"),
    ],
)
def test_causes_of_missed_pairs(
    tmp_path: Path, shown: dict[str, str], owners: int, others: dict[str, list[str]], cause: str
) -> None:
    contacts = [contact(key, {"own": [BO, BO2], **others}, owners, kind) for key, kind in shown.items()]
    truth = read_truth_file(write_truth(tmp_path, truth_json(contacts=contacts)))
    assert missed_merges(truth, dict.fromkeys(OPERATORS, "one") | {BO2: "two"}) == {cause: 1}


@pytest.mark.parametrize("key", ["xianyu:bo2", "link:https://xianyu.example/u/bo2", "qr:http://x.example/?id=bo2"])
def test_a_missed_pair_that_names_the_other_account(tmp_path: Path, key: str) -> None:
    value = truth_json(contacts=[contact(key, {"own": [BO]})])
    truth = read_truth_file(write_truth(tmp_path, value))
    assert missed_merges(truth, {BO: "one", BO2: "two"}) == {"named account": 1}


def test_a_missed_pair_that_nothing_ties(tmp_path: Path) -> None:
    truth = read_truth_file(write_truth(tmp_path, truth_json(connected=[])))
    assert missed_merges(truth, {BO: "one", BO2: "two"}) == {"nothing shared": 1}


ROLES = {"hotline": "platform", "courier": "courier", "guarantor": "guarantor", "agent": "supplier"}
PEOPLE = [f"p|{n}" for n in range(9)]
links = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sampled_from(sorted(ROLES))), max_size=14,
    unique_by=lambda link: frozenset(link[:2]),
).map(lambda found: [link for link in found if link[0] < link[1]])  # fmt: skip


@given(links=links, runners=st.lists(st.sampled_from("uvw"), min_size=9, max_size=9))
def test_every_wrong_pair_counts_under_one_link(links: list[tuple[str, str, str]], runners: list[str]) -> None:
    """The pair's own link, or else the weakest of the strongest way: the one that first connects the two."""
    operators = dict(zip(PEOPLE, runners, strict=True))
    right_first = sorted(range(len(links)), key=lambda n: (operators[links[n][0]] != operators[links[n][1]], n))
    ordered = [links[n] for n in right_first]
    parts = list(_growing(ordered))
    expected = Counter[str]()
    direct = {frozenset(link[:2]): link[2] for link in ordered}
    for one, other in combinations(PEOPLE, 2):
        when = next((n for n, part in enumerate(parts) if part[one] == part[other]), None)
        if operators[one] != operators[other] and when is not None:
            expected[direct.get(frozenset((one, other)), ordered[when][2])] += 1
    sellers = parts[-1] if parts else {p: p for p in PEOPLE}
    shown = {cause: contact(f"wechat:{cause}", {role: PEOPLE}) for cause, role in ROLES.items()}
    truth = _truth_of(operators, shown)
    known = pa.table({"account": PEOPLE, "operator": runners, "seller": [sellers[p] for p in PEOPLE]})
    matched = [
        match(src, dst, contacts=[f"wechat:{cause}"], weight=float(-place))
        for place, (src, dst, cause) in enumerate(ordered)
    ]
    found = wrong_merges(truth, known, rows(matched, MATCHES), expected.total())
    assert found.pairs == expected


def _truth_of(operators: dict[str, str], shown: dict[str, dict[str, Any]]) -> Truth:
    from resolvers.evaluation.truth import _contact

    contacts = [_contact(entry) for entry in shown.values()]
    return Truth(operators, detailed=True, contacts={c.id: c for c in contacts})


def _growing(links: list[tuple[str, str, str]]) -> Iterator[dict[str, str]]:
    """The parts after each link."""
    part = {person: person for person in PEOPLE}
    for one, other, _ in links:
        old, new = part[one], part[other]
        part = {person: new if root == old else root for person, root in part.items()}
        yield part


@pytest.mark.parametrize("probability", [0.0, 0.05, 0.1, 0.5, 0.93, 0.95, 0.991, 0.999, 1.0])
def test_bins_hold_their_lower_end(probability: float) -> None:
    known = pa.table({"account": ["a", "b"], "operator": ["1", "1"], "seller": ["s", "s"]})
    curve = reliability(known, rows([match("a", "b", probability=probability)], MATCHES))
    assert len(curve) == len(EDGES) == 10
    (only,) = [b for b in curve if b.pairs]
    assert only.low <= probability <= only.high
    assert (only.mean_probability, only.true_share) == (probability, 1.0)


def test_pooling_sums_before_it_divides(store: GraphStore, tmp_path: Path) -> None:
    fill(store, MATCHED, USED)
    one = evaluate(store, write_truth(tmp_path, truth_json()))
    both = pool([one, one])
    assert both.scores.pair_precision == one.scores.pair_precision
    assert both.scores.bcubed_recall == pytest.approx(one.scores.bcubed_recall)
    assert both.scores.accounts == 2 * one.scores.accounts
    assert isinstance(one.causes, Causes)
    assert isinstance(both.causes, Causes)
    assert both.causes.connected_pairs == 2 * one.causes.connected_pairs
    assert both.causes.wrong_merges == {cause: 2 * pairs for cause, pairs in one.causes.wrong_merges.items()}
    assert [b.pairs for b in both.causes.reliability] == [2 * b.pairs for b in one.causes.reliability]
    assert [r.read_own for r in both.causes.roles] == [2 * r.read_own for r in one.causes.roles]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"connected": {}}, "truth.json: connected is not a list"),
        ({"connected": [[ANN, BO]]}, "connected, entry 1, joins accounts that are not one operator's"),
        ({"connected": [[ANN, "weibo|nobody"]]}, "connected, entry 1, joins accounts"),
        ({"connected": [3]}, "connected, entry 1, is not as 'sellergraph simulate' writes it"),
        ({"contacts": [{"id": "tel:1"}]}, "contacts, entry 1, is not as"),
        ({"contacts": [contact(OWN, {}) | {"shown": ["own"]}]}, "contacts, entry 1, is not as"),
        ({"agents": [{"agent": "op-1"}]}, "agents, entry 1, is not as"),
        ({"near_handles": 1}, "near_handles is not a list"),
    ],
)
def test_truths_of_made_up_markets_that_cannot_be_used(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_truth_file(write_truth(tmp_path, truth_json(**more)))


def test_a_truth_of_accounts_alone_has_no_causes(store: GraphStore, tmp_path: Path) -> None:
    fill(store, MATCHED, USED)
    found = evaluate(store, write_truth(tmp_path, OPERATORS))
    assert found.causes is None
    assert "wrong_merges" not in record(found)


def _evaluate(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["evaluate", *arguments])


@pytest.fixture
def case(settings: Settings, tmp_path: Path) -> tuple[str, str]:
    with open_store(settings) as store:
        fill(store, MATCHED, USED)
    return str(settings.folder), str(write_truth(tmp_path, truth_json()))


def test_one_case_on_the_command_line(case: tuple[str, str]) -> None:
    folder, truth = case
    figures = json.loads(_evaluate("--case", folder, "--truth", truth, "--json").stdout)
    assert figures["connected_recall"] == 0.25
    assert figures["wrong_merges"] == {"recycled number": 3, "courier": 2}
    assert "cases" not in figures
    shown = _evaluate("--case", folder, "--truth", truth).stdout
    for words in ("connected recall:", "Wrong merges by cause", "recycled number", "Missed merges", "0.9995"):
        assert words in shown, words


def test_several_cases_on_the_command_line(case: tuple[str, str]) -> None:
    folder, truth = case
    twice = ("--case", folder, "--truth", truth) * 2
    figures = json.loads(_evaluate(*twice, "--json").stdout)
    assert figures["accounts"] == 2 * figures["cases"][0]["accounts"]
    assert [one["case"] for one in figures["cases"]] == [folder, folder]
    assert "Cases" in _evaluate(*twice).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--truth", "a.json", "--truth", "b.json"), "each --truth needs its --case: 2 and 0 are given"),
        (("--truth", "a.json", "--case", "a", "--case", "b"), "each --truth needs its --case: 1 and 2 are given"),
        (
            ("--truth", "a", "--case", "a", "--truth", "b", "--case", "b", "--store", "bolt://localhost:1"),
            "one server holds one case",
        ),
    ],
)
def test_cases_and_truths_that_do_not_go_together(arguments: tuple[str, ...], message: str) -> None:
    failed = _evaluate(*arguments).exception
    assert isinstance(failed, UsageError)
    assert message in str(failed)
