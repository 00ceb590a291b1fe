"""Resolution on a graph store: sellers, evidence, ids that stay, all or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from graph.stores import GraphStore
from resolvers import resolve
from resolvers.contacts import Observations, observe
from resolvers.evaluate import evaluate
from resolvers.ids import seller_id
from resolvers.links import link
from resolvers.resolve import assign, derive
from resolvers.sellers import read_earlier
from sellergraph.errors import UsageError, WriteError

FIRST, SECOND = datetime(2019, 3, 1, tzinfo=UTC), datetime(2019, 3, 2, tzinfo=UTC)
DERIVED = (
    "Seller",
    "Account.RUN_BY.Seller",
    "Account.MATCHES.Account",
    "Handle.IDENTIFIES.Account",
    "Seller.SUPERSEDES.Seller",
)
SELLERS = """
MATCH (s:Seller) RETURN s.id AS id, s.name AS name, s.accounts AS accounts, s.ads AS ads,
s.first_seen AS first_seen, s.last_seen AS last_seen, s.run_id AS run_id ORDER BY id
"""
RUN_BY = """
MATCH (a:Account)-[r:RUN_BY]->(s:Seller)
RETURN a.id AS account, s.id AS seller, r.probability AS probability ORDER BY account
"""
MATCHES = """
MATCH (a:Account)-[m:MATCHES]->(b:Account)
RETURN a.id AS src, b.id AS dst, m.probability AS probability, m.weight AS weight, m.evidence AS evidence,
m.contacts AS contacts ORDER BY src, dst
"""
IDENTIFIES = "MATCH (h:Handle)-[:IDENTIFIES]->(a:Account) RETURN h.id AS handle, a.id AS account ORDER BY handle"
SUPERSEDES = """
MATCH (s:Seller)-[r:SUPERSEDES]->(o:Seller)
RETURN s.id AS src, o.id AS dst, r.accounts AS accounts, r.run_id AS run_id ORDER BY src, dst
"""

A, B, C, D = "xianyu|ann", "weibo|9000000001", "tieba|bo", "xianyu|carl"


def rows(values: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(values)


def post(store: GraphStore, account: str, number: int, contacts: dict[str, str], *, name: str | None = "Ann") -> None:
    """One ad of the account; `contacts` maps node ids to roles."""
    platform, _, login = account.partition("|")
    ad = f"{platform}|{login}-{number}"
    seen = datetime(2018, 1, number)
    tables = {
        "Account": rows([{"id": account, "platform": platform, "seller_id": login, "name": name}]),
        "Ad": rows([{"id": ad, "platform": platform, "account_id": account, "seller_name": name, "seen_at": seen}]),
        "Account.POSTED.Ad": rows([{"src": account, "dst": ad}]),
    }
    for position, (contact, role) in enumerate(sorted(contacts.items())):
        label, node = _node(contact)
        mention = {"src": ad, "dst": contact, "place": "text", "span_start": position, "span_end": 9, "role": role}
        tables.setdefault(label, rows([]))
        tables[label] = rows([*tables[label].to_pylist(), node])
        key = f"Ad.MENTIONS.{label}"
        tables[key] = rows([*(tables[key].to_pylist() if key in tables else []), mention])
    store.write(tables)


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


@pytest.fixture
def market(store: GraphStore) -> GraphStore:
    """Ann posts on xianyu and weibo under one WeChat id; Bo and Carl share a courier's phone only."""
    post(store, A, 1, {"wechat:ann_123": "own", "tel:+8613800009999": "courier"})
    post(store, A, 2, {"wechat:ann_123": "own"})
    post(store, B, 3, {"wechat:ann_123": "own"}, name="Ann 2")
    post(store, C, 4, {"tel:+8613800009999": "courier"}, name="Bo")
    post(store, D, 5, {"tel:+8613800009999": "courier"}, name="Carl")
    return store


def assigned(store: GraphStore) -> dict[str, str]:
    return {row["account"]: row["seller"] for row in store.read(RUN_BY).to_pylist()}


def test_own_contacts_join_and_a_couriers_does_not(market: GraphStore) -> None:
    report = resolve(market, now=FIRST)
    assert (report.accounts, report.sellers, report.merged_accounts, report.matches) == (4, 3, 2, 1)
    sellers = assigned(market)
    assert sellers[A] == sellers[B] == seller_id(B)
    assert len(set(sellers.values())) == 3
    (match,) = market.read(MATCHES).to_pylist()
    assert (match["src"], match["dst"]) == (B, A)
    assert match["evidence"] == ["both give the WeChat id ann_123 (seen on 2 accounts)"]
    assert match["contacts"] == ["wechat:ann_123"]


@pytest.mark.parametrize("contact", ["tel:+864000001234", "qq_group:123456789"])
def test_lines_and_groups_of_many_join_nobody(store: GraphStore, contact: str) -> None:
    for number, account in enumerate((A, B), start=1):
        post(store, account, number, {contact: "own"})
    assert resolve(store, now=FIRST).sellers == 2


def test_sellers_have_their_figures(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    ann = next(row for row in market.read(SELLERS).to_pylist() if row["id"] == seller_id(B))
    assert (ann["name"], ann["accounts"], ann["ads"]) == ("Ann", 2, 3)
    assert (ann["first_seen"], ann["last_seen"]) == (datetime(2018, 1, 1), datetime(2018, 1, 3))
    assert ann["run_id"] == "resolve:2019-03-01T00:00:00.000000Z"


def test_a_seller_without_a_display_name_is_called_by_a_login(store: GraphStore) -> None:
    post(store, A, 1, {"wechat:ann_123": "own"}, name=None)
    post(store, B, 2, {"wechat:ann_123": "own"}, name=None)
    post(store, C, 3, {"wechat:bo_1234": "own"}, name=None)
    post(store, D, 4, {"wechat:bo_1234": "own"}, name="Carl")
    resolve(store, now=FIRST)
    assert [row["name"] for row in store.read(SELLERS).to_pylist()] == ["Carl", "9000000001"]


def test_probabilities_come_from_the_surest_link(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    by_account = {row["account"]: row["probability"] for row in market.read(RUN_BY).to_pylist()}
    assert by_account[A] == by_account[B] == pytest.approx(0.97)
    assert by_account[C] == 1.0


def test_a_second_run_changes_nothing_but_its_name(market: GraphStore) -> None:
    queries = (RUN_BY, MATCHES, IDENTIFIES, SUPERSEDES)
    resolve(market, now=FIRST)
    before = [market.read(query).to_pylist() for query in queries]
    sellers = market.read(SELLERS).drop_columns(["run_id"]).to_pylist()
    resolve(market, full=True, now=SECOND)
    assert [market.read(query).to_pylist() for query in queries] == before
    assert market.read(SELLERS).drop_columns(["run_id"]).to_pylist() == sellers
    assert set(market.read(SELLERS)["run_id"].to_pylist()) == {"resolve:2019-03-02T00:00:00.000000Z"}


def test_a_merge_keeps_one_id_and_leaves_a_tombstone(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    before = assigned(market)
    post(market, C, 6, {"wechat:ann_123": "own"}, name="Bo")
    resolve(market, now=SECOND)
    after = assigned(market)
    assert after[A] == after[B] == after[C] == before[A]
    assert after[D] == before[D]
    (row,) = market.read(SUPERSEDES).to_pylist()
    assert (row["src"], row["dst"], row["accounts"]) == (before[A], before[C], 1)
    gone = next(row for row in market.read(SELLERS).to_pylist() if row["id"] == before[C])
    assert (gone["accounts"], gone["ads"], gone["name"]) == (0, 0, "Bo")


def test_what_was_superseded_stays_recorded(market: GraphStore) -> None:
    resolve(market, now=FIRST)
    post(market, C, 6, {"wechat:ann_123": "own"}, name="Bo")
    resolve(market, now=SECOND)
    recorded, sellers = market.read(SUPERSEDES).to_pylist(), market.read(SELLERS).num_rows
    report = resolve(market, now=datetime(2019, 3, 3, tzinfo=UTC))
    assert market.read(SUPERSEDES).to_pylist() == recorded
    assert market.read(SELLERS).num_rows == sellers
    assert report.sellers == sellers - 1


def test_codes_join_by_kind_and_by_what_they_resolve_to(store: GraphStore) -> None:
    post(store, A, 1, {"qr:wechat_friend-1": "own"})
    post(store, B, 2, {"qr:wechat_friend-1": "own"})
    post(store, C, 3, {"qr:wechat_group-1": "own", "wechat:bo_1234": "own"})
    post(store, D, 4, {"qr:wechat_group-1": "own", "qr:link-1": "own"})
    resolve(store, now=FIRST)
    assert assigned(store)[A] == assigned(store)[B]
    assert assigned(store)[C] != assigned(store)[D]
    store.write({"QRCode.RESOLVES_TO.Handle": rows([{"src": "qr:link-1", "dst": "wechat:bo_1234"}])})
    resolve(store, now=SECOND)
    assert assigned(store)[C] == assigned(store)[D]


def test_a_handle_that_names_an_account_joins_and_identifies(store: GraphStore) -> None:
    post(store, A, 1, {"weibo:9000000001": "own"})
    post(store, B, 2, {})
    post(store, C, 3, {"xianyu:carl": "warning"})
    post(store, D, 4, {})
    resolve(store, now=FIRST)
    assert assigned(store)[A] == assigned(store)[B]
    assert assigned(store)[C] != assigned(store)[D]
    assert store.read(IDENTIFIES).to_pylist() == [
        {"handle": "weibo:9000000001", "account": B},
        {"handle": "xianyu:carl", "account": D},
    ]


def test_emails_join(store: GraphStore) -> None:
    post(store, A, 1, {"mailto:ann@mail.example": "own"})
    post(store, B, 2, {"mailto:ann@mail.example": "own"})
    assert resolve(store, now=FIRST).sellers == 1


def test_hubs_are_reported_and_join_nobody(store: GraphStore) -> None:
    for number in range(1, 13):
        post(store, f"forum|u{number:02d}", number, {"tel:+8613800009999": "own"})
    report = resolve(store, now=FIRST)
    assert (report.sellers, report.matches, report.hubs) == (12, 0, 1)
    assert report.hub_contacts == ("tel:+8613800009999 (12 accounts)",)


def test_an_empty_graph_resolves_to_nothing(store: GraphStore) -> None:
    report = resolve(store)
    assert (report.accounts, report.sellers, report.matches) == (0, 0, 0)
    assert report.run_id.startswith("resolve:")


def test_the_old_sellers_stand_until_the_new_are_complete(market: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(market, now=FIRST)
    before = [market.read(query).to_pylist() for query in (SELLERS, RUN_BY, MATCHES)]
    seen, earlier = observe(market), read_earlier(market)
    links = link(seen)
    tables = derive(seen, links, assign(seen, links, {}), earlier, "resolve:broken")
    lost = tables["Account.RUN_BY.Seller"].to_pylist()
    lost[0]["dst"] = "seller:nobody"
    with pytest.raises(WriteError):
        market.replace(tables | {"Account.RUN_BY.Seller": rows(lost)})
    assert [market.read(query).to_pylist() for query in (SELLERS, RUN_BY, MATCHES)] == before


def test_order_of_reading_does_not_matter(market: GraphStore) -> None:
    seen = observe(market)
    turned = Observations(
        *(
            table.take(list(reversed(range(table.num_rows))))
            for table in (seen.accounts, seen.activity, seen.given, seen.handles)
        )
    )
    earlier = read_earlier(market)
    tables = [derive(each, link(each), assign(each, link(each), {}), earlier, "resolve:x") for each in (seen, turned)]
    assert all(tables[0][name].to_pylist() == tables[1][name].to_pylist() for name in DERIVED)


def test_evaluate_compares_the_graph_with_a_truth(market: GraphStore, tmp_path: Any) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(f"account_id,operator_id\n{A},op-1\n{B},op-1\n{C},op-1\nweibo|none,op-9\n")
    with pytest.raises(UsageError, match="sellergraph resolve"):
        evaluate(market, truth)
    resolve(market, now=FIRST)
    other = tmp_path / "other.csv"
    other.write_text("account_id,operator_id\nweibo|none,op-9\n")
    with pytest.raises(UsageError, match="none of its 1 accounts is in the case"):
        evaluate(market, other)
    found = evaluate(market, truth)
    assert found.scores.pair_precision == 1.0
    assert found.scores.pair_recall == pytest.approx(1 / 3)
    assert (found.missing, found.extra) == (("weibo|none",), (D,))
