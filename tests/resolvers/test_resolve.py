"""Resolution on a graph store: sellers, evidence, judgements, ids that stay, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph.lines import MATCH_LINES, as_lists
from graph.stores import GraphStore, open_store
from resolvers import resolve
from resolvers.evaluate import evaluate
from resolvers.ids import seller_id
from resolvers.judgements import judge, judge_all, retract
from sellergraph.case import Settings
from sellergraph.errors import UsageError, WriteError

FIRST, SECOND, THIRD = (datetime(2019, 3, day, tzinfo=UTC) for day in (1, 2, 3))
FIRST_RUN, SECOND_RUN = "resolve:2019-03-01T00:00:00.000000Z", "resolve:2019-03-02T00:00:00.000000Z"
DERIVED = (
    "Seller", "Account.RUN_BY.Seller", "Account.MATCHES.Account", "Account.USES.Phone", "Account.USES.Handle",
    "Handle.IDENTIFIES.Account", "Seller.SUPERSEDES.Seller", "Network", "Seller.MEMBER_OF.Network",
)  # fmt: skip
A, B, C, D = "xianyu|ann", "weibo|9000000001", "tieba|bo", "xianyu|carl"
COURIER = "tel:+8613800009999"
ANN, OWN, PHONE = "wechat:ann_123", "wechat:own_9876", "tel:+8613800001111"

Rows = dict[str, list[dict[str, Any]]]


def ad(account: str, day: int, contacts: dict[str, str], *, name: str | None = "Ann", place: str | None = None) -> Rows:
    """One ad of the account, so many days into 2018; `contacts` maps node ids to roles."""
    platform, _, login = account.partition("|")
    key = f"{platform}|{login}-{day}"
    seen = datetime(2018, 1, 1) + timedelta(days=day - 1)
    said = {"seller_name": name, "location": place, "seen_at": seen}
    tables: Rows = {
        "Account": [{"id": account, "platform": platform, "seller_id": login, "name": name}],
        "Ad": [{"id": key, "platform": platform, "account_id": account} | said],
        "Account.POSTED.Ad": [{"src": account, "dst": key}],
    }
    for position, (contact, role) in enumerate(sorted(contacts.items())):
        label, node = _node(contact)
        mention = {"src": key, "dst": contact, "place": "text", "span_start": position, "span_end": 9, "role": role}
        tables.setdefault(label, []).append(node)
        tables.setdefault(f"Ad.MENTIONS.{label}", []).append(mention)
    return tables


def _node(contact: str) -> tuple[str, dict[str, Any]]:
    service, _, value = contact.partition(":")
    match service:
        case "tel":
            return "Phone", {"id": contact, "number": value, "kind": "hotline" if "+86400" in value else "mobile"}
        case "mailto":
            return "Email", {"id": contact, "address": value}
        case "qr":
            return "QRCode", {"id": contact, "payload": value, "kind": value.split("-")[0]}
        case _:
            return "Handle", {"id": contact, "service": service, "value": value}


def write(store: GraphStore, ads: Iterable[Rows]) -> None:
    tables: Rows = {}
    for each in ads:
        for name, found in each.items():
            tables.setdefault(name, []).extend(found)
    store.write({name: pa.Table.from_pylist(found) for name, found in tables.items()})


def strangers(count: int, contacts: dict[str, str]) -> list[Rows]:
    """Three ads each of accounts that differ in name, place and contact, and show these contacts too."""
    names = [f"{chr(0x5000 + 37 * n)}{chr(0x6000 + 53 * n)}斋" for n in range(count)]
    shown = [{f"wechat:own_{n}": "own"} | contacts for n in range(count)]
    return [
        ad(f"forum|u{n:02d}", day + n, shown[n], name=names[n], place=f"{chr(0x5800 + n)}州")
        for n in range(count)
        for day in (1, 31, 61)
    ]


@pytest.fixture
def market(store: GraphStore) -> GraphStore:
    """Ann posts on xianyu and weibo under one WeChat id; Bo and Carl share a courier's phone only."""
    ann = [ad(A, 1, {ANN: "own", COURIER: "courier"}), ad(A, 2, {ANN: "own"}), ad(B, 3, {ANN: "own"}, name="Ann 2")]
    write(store, [*ann, ad(C, 4, {COURIER: "courier"}, name="Bo"), ad(D, 5, {COURIER: "courier"}, name="Carl")])
    return store


@pytest.fixture
def embedded(settings: Settings) -> Iterator[GraphStore]:
    """An empty store, for what does not depend on its kind."""
    with open_store(settings) as opened:
        yield opened


def assigned(store: GraphStore) -> dict[str, str]:
    """Account -> seller."""
    return {row["src"]: row["dst"] for row in store.read_all("Account.RUN_BY.Seller").to_pylist()}


def matches(store: GraphStore) -> dict[tuple[str, str], dict[str, Any]]:
    table = store.read_all("Account.MATCHES.Account")
    lists = as_lists(table.rename_columns([MATCH_LINES.get(name, name) for name in table.column_names]))
    return {(row["src"], row["dst"]): row for row in lists.to_pylist()}


def written(store: GraphStore) -> Rows:
    """All that resolution wrote."""
    return {name: store.read_all(name).to_pylist() for name in DERIVED}


def clusters(store: GraphStore) -> set[frozenset[str]]:
    found = assigned(store)
    return {frozenset(a for a, s in found.items() if s == wanted) for wanted in found.values()}


def test_own_contacts_join_and_a_couriers_does_not(market: GraphStore) -> None:
    report = resolve(market, now=FIRST)
    assert (report.accounts, report.sellers, report.merged_accounts, report.matches) == (4, 3, 2, 1)
    assert (report.run_id, report.judgements, report.cut, report.passed_on, report.alarms) == (FIRST_RUN, 0, 0, 0, 0)
    sellers = assigned(market)
    assert (sellers[A], sellers[B], len(set(sellers.values()))) == (seller_id(B), seller_id(B), 3)
    match = matches(market)[B, A]
    assert (match["joined"], match["cut"], match["capped"]) == (True, None, [])
    assert match["evidence"][0] == "both give the WeChat id ann_123 (on at most 5 accounts)"
    assert (match["comparisons"][0], match["weights"][0] > 5) == ("handle", True)
    assert match["contacts"] == ["wechat:ann_123"]
    likely = {row["src"]: row["probability"] for row in market.read_all("Account.RUN_BY.Seller").to_pylist()}
    assert likely == {A: match["probability"], B: match["probability"], C: 1.0, D: 1.0}
    assert match["probability"] > 0.9


PAIRS = [
    ({ANN: "own"}, {ANN: "own"}, True),
    ({PHONE: "own"}, {"wechat:13800001111": "own"}, True),
    ({"mailto:ann@mail.example": "own"}, {"mailto:ann@mail.example": "own"}, True),
    ({"qr:wechat_friend-1": "own"}, {"qr:wechat_friend-1": "own"}, True),
    ({"qr:wechat_group-1": "own"}, {"qr:wechat_group-1": "own"}, False),
    ({"tel:+864000001234": "own"}, {"tel:+864000001234": "own"}, False),
    ({"qq_group:123456789": "own"}, {"qq_group:123456789": "own"}, False),
    ({PHONE: "courier"}, {PHONE: "courier"}, False),
    ({PHONE: "own"}, {PHONE: "supplier", OWN: "own"}, False),
    ({PHONE: "own"}, {PHONE: "warning"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "joined"), PAIRS)
def test_what_joins_two_accounts(embedded: GraphStore, one: Any, other: Any, joined: bool) -> None:
    write(embedded, [ad(A, day, one, name=None) for day in (1, 30)] + [ad(B, day, other, name=None) for day in (2, 31)])
    report = resolve(embedded, now=FIRST)
    assert (report.sellers == 1, report.matches == 1) == (joined, joined)


def test_a_number_that_passed_on_joins_nobody(embedded: GraphStore) -> None:
    first, second = (A, "tieba|ann"), (B, "tieba|bo")
    days = range(1, 60, 10)
    ads = [ad(account, day, {PHONE: "own"}, name="聚宝斋", place="昆明") for account in first for day in days]
    ads += [ad(account, 400 + day, {PHONE: "own"}, name="木石缘", place="西安") for account in second for day in days]
    write(embedded, ads)
    assert resolve(embedded, now=FIRST).passed_on == 1
    assert clusters(embedded) == {frozenset(first), frozenset(second)}


def test_sellers_have_their_figures(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    (ann,) = [row for row in market.read_all("Seller").to_pylist() if row["id"] == seller_id(B)]
    assert (ann["name"], ann["accounts"], ann["ads"], ann["alarm"]) == ("Ann", 2, 3, None)
    assert (ann["first_seen"], ann["last_seen"]) == (datetime(2018, 1, 1), datetime(2018, 1, 3))
    assert ann["run_id"] == FIRST_RUN


def test_a_seller_without_a_display_name_is_called_by_a_login(embedded: GraphStore) -> None:
    shown = [(A, ANN, None), (B, ANN, None), (C, OWN, None), (D, OWN, "Carl")]
    write(embedded, [ad(account, 1, {contact: "own"}, name=name) for account, contact, name in shown])
    resolve(embedded, now=FIRST)
    assert [row["name"] for row in embedded.read_all("Seller").to_pylist()] == ["Carl", "9000000001"]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_a_second_run_changes_nothing(market: GraphStore, tmp_path: Path, full: bool, kept: bool) -> None:
    folder = tmp_path / "resolution" if kept else None
    resolve(market, folder=folder, now=FIRST)
    before = written(market)
    report = resolve(market, folder=folder, full=full, now=SECOND)
    assert written(market) == before
    assert (report.run_id, report.accounts, report.sellers, report.matches) == (SECOND_RUN, 4, 3, 1)


def test_a_run_stamps_what_it_changed(embedded: GraphStore, tmp_path: Path) -> None:
    write(embedded, strangers(30, {}))
    resolve(embedded, folder=tmp_path, now=FIRST)
    before = written(embedded)
    write(embedded, [ad(A, 9, {ANN: "own"}, name="Dan")])
    resolve(embedded, folder=tmp_path, now=SECOND)
    new = {name: [row for row in found if row not in before[name]] for name, found in written(embedded).items()}
    changed = [row for rows_of in new.values() for row in rows_of]
    assert len(new["Seller"]) == len(new["Account.RUN_BY.Seller"]) == len(new["Account.USES.Handle"]) == 1
    assert {row["run_id"] for row in changed} == {SECOND_RUN}


def test_a_merge_keeps_one_id_and_leaves_a_tombstone(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    before = assigned(market)
    write(market, [ad(C, 6, {ANN: "own"}, name="Bo")])
    resolve(market, now=SECOND)
    after = assigned(market)
    assert (after[A], after[B], after[C], after[D]) == (before[A], before[A], before[A], before[D])
    (row,) = market.read_all("Seller.SUPERSEDES.Seller").to_pylist()
    assert (row["src"], row["dst"], row["accounts"], row["run_id"]) == (before[A], before[C], 1, SECOND_RUN)
    (gone,) = [row for row in market.read_all("Seller").to_pylist() if row["id"] == before[C]]
    assert (gone["accounts"], gone["ads"], gone["name"], gone["account_ids"]) == (0, 0, "Bo", [C])
    recorded, sellers = written(market)["Seller.SUPERSEDES.Seller"], market.read_all("Seller").num_rows
    assert resolve(market, now=THIRD).sellers == sellers - 1
    assert written(market)["Seller.SUPERSEDES.Seller"] == recorded
    assert market.read_all("Seller").num_rows == sellers


def test_a_split_keeps_the_id_for_the_larger_part_and_is_recorded(market: GraphStore) -> None:
    write(market, [ad(C, 6, {ANN: "own"}, name="Bo")])
    resolve(market, now=FIRST)
    before = assigned(market)
    judge_all(market, [(C, A, "different"), (C, B, "different")], "Li", "two voices", FIRST)
    resolve(market, now=SECOND)
    after = assigned(market)
    assert after[A] == after[B] == before[C] != after[C]
    (row,) = market.read_all("Seller.SUPERSEDES.Seller").to_pylist()
    assert (row["src"], row["dst"], row["accounts"]) == (after[C], before[C], 1)


def test_codes_join_by_kind_and_by_what_they_resolve_to(store: GraphStore) -> None:
    shown = {A: ["wechat_friend-1"], B: ["wechat_friend-1"], C: ["wechat_group-1"], D: ["wechat_group-1", "link-1"]}
    write(store, [ad(account, 1, {f"qr:{c}": "own" for c in codes}, name=None) for account, codes in shown.items()])
    write(store, [ad(C, 2, {"wechat:bo_1234": "own"}, name=None)])
    resolve(store, now=FIRST)
    assert clusters(store) == {frozenset([A, B]), frozenset([C]), frozenset([D])}
    store.write({"QRCode.RESOLVES_TO.Handle": pa.table({"src": ["qr:link-1"], "dst": ["wechat:bo_1234"]})})
    resolve(store, now=SECOND)
    assert clusters(store) == {frozenset([A, B]), frozenset([C, D])}


def test_a_handle_that_names_an_account_joins_and_identifies(store: GraphStore) -> None:
    shown = {A: {"weibo:9000000001": "own"}, B: {}, C: {"xianyu:carl": "warning"}, D: {}}
    write(store, [ad(account, 1, contacts, name=None) for account, contacts in shown.items()])
    resolve(store, now=FIRST)
    assert clusters(store) == {frozenset([A, B]), frozenset([C]), frozenset([D])}
    assert store.read_all("Handle.IDENTIFIES.Account").to_pylist() == [
        {"src": "weibo:9000000001", "dst": B},
        {"src": "xianyu:carl", "dst": D},
    ]


def test_hubs_are_reported_and_join_nobody(embedded: GraphStore) -> None:
    write(embedded, strangers(12, {COURIER: "own"}))
    report = resolve(embedded, now=FIRST)
    assert (report.sellers, report.matches, report.services) == (12, 0, 1)
    assert report.service_contacts == (f"{COURIER} (12 accounts)",)


def test_an_empty_graph_resolves_to_nothing(store: GraphStore) -> None:
    report = resolve(store)
    assert (report.accounts, report.sellers, report.matches, report.near, report.networks) == (0, 0, 0, 0, 0)
    assert report.run_id.startswith("resolve:")


class Failing:
    """A store that loses its connection when the sellers are written."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def replace(self, *args: Any, **more: Any) -> None:
        raise WriteError("the connection was lost")

    amend = replace


@pytest.mark.parametrize("full", [True, False])
def test_the_old_sellers_stand_until_the_new_are_complete(market: GraphStore, tmp_path: Path, full: bool) -> None:
    with pytest.raises(WriteError):
        resolve(Failing(market), folder=tmp_path, now=FIRST)  # type: ignore[arg-type]
    assert not any(written(market).values())
    assert market.read("MATCH (e:AuditEvent) RETURN count(*) AS n")["n"].to_pylist() == [0]
    resolve(market, folder=tmp_path, now=FIRST)
    before = written(market)
    write(market, [ad(C, 6, {ANN: "own"}, name="Bo")])
    with pytest.raises(WriteError):
        resolve(Failing(market), folder=tmp_path, full=full, now=SECOND)  # type: ignore[arg-type]
    assert written(market) == before
    resolve(market, folder=tmp_path, full=full, now=THIRD)
    assert assigned(market)[A] == assigned(market)[C]


def test_accounts_judged_the_same_are_joined_without_evidence(market: GraphStore) -> None:
    judge(market, C, D, "same", "Li", "seen in a chat", FIRST)
    report = resolve(market, now=FIRST)
    assert clusters(market) == {frozenset([A, B]), frozenset([C, D])}
    assert (report.judgements, report.matches) == (1, 1)


def test_accounts_judged_different_are_parted_until_that_is_taken_back(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    before = written(market)
    made = judge(market, A, B, "different", "Li", "two voices", FIRST)
    report = resolve(market, now=SECOND)
    assert (report.sellers, report.matches, report.cut, report.near) == (4, 0, 1, 1)
    match = matches(market)[B, A]
    assert (match["joined"], match["probability"]) == (False, before["Account.MATCHES.Account"][0]["probability"])
    assert "judged different" in match["cut"]
    retract(market, made.id, "Wu", "one voice", SECOND)
    assert resolve(market, now=THIRD).sellers == 3
    assert frozenset([A, B]) in clusters(market)
    assert matches(market)[B, A]["cut"] is None


def test_contradictory_judgements_stop_the_run(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    before = written(market)
    said = {"left_id": B, "right_id": A, "author": "Li", "reason": "x", "made_at": datetime(2019, 3, 1)}
    both = [said | {"id": f"judgement:{verdict}", "verdict": verdict} for verdict in ("same", "different")]
    market.write({"Judgement": pa.Table.from_pylist(both)})
    with pytest.raises(UsageError, match="judgements contradict each other.*same.*different"):
        resolve(market, now=SECOND)
    assert written(market) == before


def test_a_threshold_is_a_probability_and_decides_what_is_joined(market: GraphStore) -> None:
    for threshold in (0.0, 1.0, -0.5, 1.5, float("nan")):
        with pytest.raises(UsageError, match="the threshold is a probability between 0 and 1"):
            resolve(market, threshold=threshold)
    assert [resolve(market, threshold=threshold).matches for threshold in (0.9999999, 0.5)] == [0, 1]


def test_a_run_leaves_its_mark_with_what_it_wrote(market: GraphStore, tmp_path: Path) -> None:
    events = "MATCH (e:AuditEvent) WHERE e.action = 'resolved' RETURN e.subject AS run ORDER BY run"
    resolve(market, folder=tmp_path, now=FIRST)
    write(market, [ad(C, 6, {ANN: "own"}, name="Bo")])
    resolve(market, folder=tmp_path, now=SECOND)
    assert market.read(events)["run"].to_pylist() == [FIRST_RUN, SECOND_RUN]


def test_a_seller_that_was_parted_and_joined_again_has_its_old_ids(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    before = assigned(market)
    made = judge(market, C, D, "same", "Li", "seen in a chat", FIRST)
    resolve(market, now=SECOND)
    assert assigned(market)[C] == assigned(market)[D]
    retract(market, made.id, "Li", "it was another chat", SECOND)
    resolve(market, now=THIRD)
    assert assigned(market) == before


def test_a_folder_that_cannot_be_written_changes_nothing(market: GraphStore, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(UsageError, match="taken.* cannot be written, the sellers stand as they were"):
        resolve(market, folder=tmp_path / "taken", now=FIRST)
    assert not any(written(market).values())


def remove(store: GraphStore, platform: str) -> None:
    """All that was captured from one source."""
    for table in ("Ad", "Account"):
        ids = [row["id"] for row in store.read_all(table).to_pylist() if row["id"].startswith(f"{platform}|")]
        store.delete(table, pa.table({"id": pa.array(ids, pa.string())}))


# A source with a seller of its own, one of another's accounts, and one that holds two others together.
SOURCE = [
    ad("weibo|eve", 50, {"wechat:eve_1234": "own"}, name="Eve"),
    ad("weibo|eva", 51, {"wechat:eve_1234": "own"}, name="Eva"),
    ad("weibo|bob", 52, {"wechat:bo_12345": "own"}, name="Bob"),
    ad("weibo|gus", 53, {"wechat:carl_123": "own", "wechat:fay_1234": "own"}, name="Gus"),
    ad("weibo|gus", 54, {"wechat:carl_123": "own", "wechat:fay_1234": "own"}, name="Gus"),
]
OTHERS = [
    ad(C, 60, {"wechat:bo_12345": "own"}, name="Bo"),
    ad(D, 60, {"wechat:carl_123": "own"}, name="Carl"),
    ad("tieba|fay", 60, {"wechat:fay_1234": "own"}, name="Fay"),
]


@pytest.mark.parametrize("kept", [True, False])
def test_a_source_removed_and_added_again(embedded: GraphStore, tmp_path: Path, kept: bool) -> None:
    folder = tmp_path if kept else None
    write(embedded, [*strangers(100, {}), *OTHERS, *SOURCE])
    resolve(embedded, folder=folder, now=FIRST)
    before = assigned(embedded)
    assert before[D] == before["tieba|fay"] == before["weibo|gus"]
    remove(embedded, "weibo")
    report = resolve(embedded, folder=folder, now=SECOND)
    assert (report.compared < report.accounts) is kept
    assert assigned(embedded)[D] != assigned(embedded)["tieba|fay"]
    assert not any(account.startswith("weibo") for account in assigned(embedded))
    write(embedded, SOURCE)
    report = resolve(embedded, folder=folder, now=THIRD)
    assert (report.compared < report.accounts) is kept
    assert assigned(embedded) == before
    resolve(embedded, folder=folder, full=True, now=THIRD + timedelta(days=1))
    assert assigned(embedded) == before


def test_evaluate_compares_the_graph_with_a_truth(market: GraphStore, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(f"account_id,operator_id\n{A},op-1\n{B},op-1\n{C},op-1\nweibo|none,op-9\n")
    with pytest.raises(UsageError, match="sellergraph resolve"):
        evaluate(market, truth)
    resolve(market, now=FIRST)
    other = tmp_path / "other.csv"
    other.write_text("account_id,operator_id\nweibo|none,op-9\n")
    with pytest.raises(UsageError, match="none of its 1 accounts is in the case"):
        evaluate(market, other)
    compared = evaluate(market, truth)
    assert compared.scores.pair_precision == 1.0
    assert compared.scores.pair_recall == pytest.approx(1 / 3)
    assert (compared.missing, compared.extra) == (("weibo|none",), (D,))
