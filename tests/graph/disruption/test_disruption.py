"""Whose removal takes most away, on both stores, and against the definitions in plain Python."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from typing import Any

import networkx as nx
import pyarrow as pa
import pytest

from graph.disruption import BY, WHAT, By, Disruption, Trade, disrupt, disruption, read_trade
from graph.facts import Facts, read_facts
from graph.protection import protection_of
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

CODE, HANDLE, PHONE = "qr:0123456789abcdef", "wechat:demo_1", "tel:+8613800138000"


def lost(found: Disruption, strategy: str = "greedy") -> list[dict[str, Any]]:
    return [row for row in found.curve.to_pylist() if row["strategy"] == strategy]


def chosen(found: Disruption, strategy: str = "greedy") -> list[str]:
    return [row["id"] for row in found.chosen.to_pylist() if row["strategy"] == strategy]


def write(store: GraphStore, table: str, **row: Any) -> None:
    store.write({table: pa.table({name: [value] for name, value in row.items()})})


def test_by_seller(market: GraphStore) -> None:
    found = disruption(market, by="seller", what="ads", most=3)
    assert chosen(found) == chosen(found, "volume") == ["seller:0a01", "seller:0b02"]
    assert [row["ads"] for row in lost(found)] == [0.0, 6 / 8, 7 / 8, 7 / 8]
    # Ann: xianyu|1 by handle, xianyu|2 by code, weibo|9 by handle; Carl: weibo|10.
    assert [row["routes"] for row in lost(found)] == [0.0, 3 / 4, 1.0, 1.0]
    assert [row["network"] for row in lost(found)] == [0.0, 1.0, 1.0, 1.0]
    assert [row["ads_cut_off"] for row in lost(found)] == [row["ads"] for row in lost(found)]
    assert (found.guarantee.certificate, found.guarantee.each) == (1.0, (1.0,) * 4)
    assert found.guarantee.words.startswith("The best there is: each ad has one seller")
    assert found.totals["network"] == 2


def test_by_account_and_what_is_said_of_each_step(market: GraphStore) -> None:
    found = disruption(market, by="account", what="all", most=2)
    first = found.chosen.to_pylist()[0]
    assert (first["id"], first["name"], first["ads"], first["step"]) == ("xianyu|a", "Ann", 5, 1)
    assert first["gain"] == lost(found)[1]["lost"] == pytest.approx((5 / 8 + first_protection(market) + 2 / 4) / 3)
    assert first["why"].startswith("5 more ads; ")
    assert "2 routes to other platforms" in first["why"]
    assert found.totals["counted"] == "accounts"


def first_protection(store: GraphStore) -> float:
    """The share of xianyu|a's ads."""
    rows = [row for row in read_facts(store).ads.to_pylist() if row["protection"] is not None]
    return float(sum(r["protection"] for r in rows if "xianyu" in r["ad_id"]) / sum(r["protection"] for r in rows))


def test_by_contact_a_code_goes_with_the_handle_that_it_names(market: GraphStore) -> None:
    found = disruption(market, by="contact", what="ads", most=2)
    assert chosen(found) == [HANDLE, PHONE]
    assert found.chosen["name"].to_pylist()[0] == "WeChat demo_1"
    assert [row["ads"] for row in lost(found)] == [0.0, 4 / 8, 5 / 8]
    # All routes run over the handle or its code.
    assert [row["routes"] for row in lost(found)] == [0.0, 1.0, 1.0]
    # Ann and Carl hang together by the handle alone.
    assert [row["network"] for row in lost(found)] == [0.0, 1.0, 1.0]
    assert found.totals["counted"] == "sellers"


def test_an_ad_is_cut_off_when_its_last_contact_is_gone(market: GraphStore) -> None:
    write(market, "Ad.MENTIONS.Phone", src="xianyu|1", dst=PHONE, place="text", span_start=9, role="own")
    rows = lost(disruption(market, by="contact", what="ads", most=2))
    assert [row["ads"] for row in rows] == [0.0, 4 / 8, 5 / 8]
    assert [row["ads_cut_off"] for row in rows] == [0.0, 3 / 8, 5 / 8]


@pytest.mark.parametrize(
    "mention",
    [
        {"role": "warning"},
        {"role": "courier"},
        {"role": "own", "candidate_of": HANDLE, "image_id": "sha256:1"},
    ],
)
def test_who_is_warned_of_or_misread_is_no_target(market: GraphStore, mention: dict[str, str]) -> None:
    write(market, "Handle", id="wechat:demo_2", service="wechat", value="demo_2")
    place = {"src": "weibo|9", "dst": "wechat:demo_2", "place": "text", "span_start": 5}
    write(market, "Ad.MENTIONS.Handle", **place, **mention)
    assert disruption(market, by="contact", most=5).totals["targets"] == 2


def test_what_was_decided_stands_before_what_was_read(market: GraphStore) -> None:
    use = {"tenure": 1, "role": "courier", "own_probability": 0.01}
    write(market, "Account.USES.Handle", src="xianyu|a", dst=HANDLE, **use)
    found = disruption(market, by="contact", what="ads", most=1)
    # Neither the handle nor its code is xianyu|a's; weibo|9 and weibo|10 show it still.
    assert lost(found)[1]["ads"] == 2 / 8


def test_a_hotline_is_no_target(market: GraphStore) -> None:
    write(market, "Phone", id="tel:+864008001234", number="+864008001234", kind="hotline")
    write(market, "Ad.MENTIONS.Phone", src="weibo|9", dst="tel:+864008001234", place="text", span_start=7, role="own")
    assert "tel:+864008001234" not in chosen(disruption(market, by="contact", most=9))


def test_a_tie_by_a_contact_goes_with_the_contact_and_another_stays(market: GraphStore) -> None:
    tie = {"src": "seller:0a01", "dst": "seller:0b02", "weight": 3.0}
    write(market, "Seller.TIED_TO.Seller", **tie, kinds_text="agent")
    assert lost(disruption(market, by="contact", what="network", most=1))[1]["network"] == 1.0
    write(market, "Seller.TIED_TO.Seller", **tie, kinds_text="agent, photo")
    found = disruption(market, by="contact", what="network", most=1)
    assert lost(found)[1]["network"] == 0.0
    assert found.guarantee.certificate is None
    assert found.guarantee.words.startswith("No guarantee")


@pytest.mark.parametrize(
    ("limits", "ads", "first"),
    [
        (dict(species="tiger"), 2, "xianyu|a"),
        (dict(platform="weibo"), 3, "weibo|b"),
        (dict(kind="second_hand"), 5, "xianyu|a"),
        (dict(place="no where"), 1, "xianyu|a"),
        (dict(species="象", platform="Weibo"), 1, "weibo|c"),
    ],
)
def test_filters_narrow_what_counts(market: GraphStore, limits: dict[str, Any], ads: int, first: str) -> None:
    found = disruption(market, by="account", what="ads", most=1, **limits)
    assert (found.totals["ads"], chosen(found)) == (ads, [first])


def test_mistakes_are_answered(market: GraphStore) -> None:
    with pytest.raises(UsageError, match="unknown species 'elefant'; did you mean elephant"):
        disruption(market, species="elefant")
    with pytest.raises(UsageError, match="at least one must be removed, not 0"):
        disruption(market, most=0)
    with pytest.raises(UsageError, match="by is one of seller, account, contact"):
        disruption(market, by="shop")  # type: ignore[arg-type]


def test_before_resolve_sellers_are_asked_for_and_the_rest_works(unresolved: GraphStore) -> None:
    with pytest.raises(UsageError, match="no sellers yet: run sellergraph resolve"):
        disruption(unresolved, by="seller")
    assert disruption(unresolved, by="account", most=1).totals["counted"] == "accounts"
    found = disruption(unresolved, by="contact", what="network", most=1)
    # The handle is shown by a, b and c.
    assert (found.totals["network"], chosen(found), lost(found)[1]["network"]) == (3, [HANDLE], 1.0)


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("what", WHAT)
def test_an_empty_case_loses_nothing(store: GraphStore, by: By, what: Any) -> None:
    found = disruption(store, by=by, what=what, most=2)
    assert found.chosen.num_rows == 0
    assert {value for row in lost(found) for name, value in row.items() if name not in ("strategy", "k")} == {0.0}
    assert (found.curve.num_rows, found.guarantee.certificate) == (4 * 3, None)


# Without a store: random cases against the definitions.


def trade_of(seed: int) -> Trade:
    dice = random.Random(seed)
    accounts = [f"p{dice.randint(0, 2)}|{n}" for n in range(dice.randint(2, 8))]
    sellers = {account: f"seller:{dice.randint(0, 5)}" for account in accounts}
    ads = [(f"ad{n:02}", dice.choice([*accounts, None])) for n in range(dice.randint(2, 20))]
    contacts = [f"wechat:c{n}" for n in range(dice.randint(1, 6))]
    shown = sorted({(dice.choice(ads)[0], dice.choice(contacts)) for _ in range(dice.randint(1, 25))})
    known = sorted(set(sellers.values()))
    ties = [(*pair, dice.choice(["photo", "contact", "agent, supplier"])) for pair in combinations(known, 2)]
    return Trade(
        facts_of(ads, sellers, dice),
        columns(("ad_id", "contact"), shown),
        hops_of(ads, sellers, shown, dice),
        columns(("left_id", "right_id", "kinds"), [tie for tie in ties if dice.random() < 0.3]),
    )


def columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.table({name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)})


def facts_of(ads: list[tuple[str, str | None]], sellers: dict[str, str], dice: random.Random) -> Facts:
    rows = [(ad, a and a.partition("|")[0], None, a, sellers.get(a or "")) for ad, a in ads]
    table = columns(("ad_id", "platform", "kind", "account_id", "seller_id"), rows)
    table = table.append_column("seen_at", pa.nulls(len(ads), pa.timestamp("us")))
    table = table.append_column("location", pa.nulls(len(ads), pa.string()))
    table = table.append_column("wild", pa.array([False] * len(ads)))
    table = table.append_column("ad", pa.array(range(len(ads)), pa.int64()))
    taxa = columns(
        ("taxon_id", "name_en", "name_zh", "scientific_name", "cites", "red_list", "national_level"),
        [(f"t{n}", None, None, None, level, None, None) for n, level in enumerate(("I", "II", "III"))],
    )
    offered = [(n, f"t{dice.randint(0, 2)}") for n in range(len(ads)) if dice.random() < 0.7]
    kinds = pa.schema([("ad", pa.int64()), ("taxon_id", pa.string())])
    offers = pa.Table.from_pylist([{"ad": n, "taxon_id": taxon} for n, taxon in offered], schema=kinds)
    table = table.append_column("protection", protection_of(table, offers, taxa))
    platforms = columns(("platform", "name", "kind"), [])
    runs = columns(("account_id", "seller_id"), list(sellers.items()))
    named = columns(("seller_id", "name"), [(seller, None) for seller in sorted(set(sellers.values()))])
    accounts = columns(("account_id", "name"), [(account, None) for account in sellers])
    return Facts(table, runs, accounts, named, platforms, taxa, offers)


def hops_of(
    ads: list[tuple[str, str | None]], sellers: dict[str, str], shown: list[tuple[str, str]], dice: random.Random
) -> pa.Table:
    account = dict(ads)
    rows = [
        (ad, a and a.partition("|")[0], a, sellers.get(a or ""), f"to{dice.randint(0, 1)}", contact, contact)
        for ad, contact in shown
        if dice.random() < 0.7
        for a in [account[ad]]
    ]
    names = ("ad_id", "from_platform", "account_id", "seller_id", "to_platform", "carrier", "contact")
    return columns(names, rows)


def owners(trade: Trade, by: By) -> dict[str, set[str]]:
    """The targets of each ad."""
    key = {"seller": "seller_id", "account": "account_id"}
    if by == "contact":
        found: dict[str, set[str]] = {ad: set() for ad in trade.facts.ads["ad_id"].to_pylist()}
        for row in trade.shown.to_pylist():
            found[row["ad_id"]].add(row["contact"])
        return found
    return {row["ad_id"]: {row[key[by]]} - {None} for row in trade.facts.ads.to_pylist()}


def network_left(trade: Trade, by: By, gone: set[str]) -> int:
    """The largest component by networkx, everything by its own name."""
    counted = "account_id" if by == "account" else "seller_id"
    ads = {row["ad_id"]: row for row in trade.facts.ads.to_pylist()}
    graph: nx.Graph[Any] = nx.Graph()
    alive = {row[counted] for row in ads.values()} - {None} - gone
    graph.add_nodes_from(alive)
    shows: dict[str, set[str]] = {}
    for row in trade.shown.to_pylist():
        ad = ads[row["ad_id"]]
        shows.setdefault(ad["seller_id"], set()).add(row["contact"])
        if ad[counted] in alive and row["contact"] not in gone:
            graph.add_edge(ad[counted], ("contact", row["contact"]))
    if by == "account":
        graph.add_edges_from((a["account_id"], a["seller_id"]) for a in ads.values() if a["account_id"] in alive)
    sellers = {row["seller_id"] for row in ads.values() if row[counted] in alive}
    for tie in trade.ties.to_pylist():
        ends, kinds = (tie["left_id"], tie["right_id"]), set(tie["kinds"].split(", "))
        both = shows.get(ends[0], set()) & shows.get(ends[1], set())
        falls = by == "contact" and kinds <= {"agent", "contact", "supplier"} and both
        if set(ends) <= sellers and not falls:
            graph.add_edge(*ends)
    largest = max((len(part & alive) for part in nx.connected_components(graph)), default=0)
    # One alone is no network.
    return largest if largest > 1 else 0


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("seed", range(25))
def test_every_strategy_loses_what_the_definitions_say(seed: int, by: By) -> None:
    trade = trade_of(seed)
    found = disrupt(trade, by=by, what="all", most=4)
    whole, of = network_left(trade, by, set()), owners(trade, by)
    ads = trade.facts.ads.to_pylist()
    weights = {row["ad_id"]: row["protection"] for row in ads if row["protection"] is not None}
    hops = trade.hops.to_pylist()
    key = {"seller": "seller_id", "account": "account_id", "contact": "contact"}[by]
    routes = {(h["account_id"], h["from_platform"], h["carrier"], h["to_platform"]): h[key] for h in hops}
    for strategy in ("greedy", "volume", "betweenness"):
        order, rows = chosen(found, strategy), lost(found, strategy)
        for k in range(5):
            gone = set(order[:k])
            hit = [ad for ad, those in of.items() if those & gone]
            assert rows[k]["ads"] == pytest.approx(len(hit) / len(of))
            assert rows[k]["ads_cut_off"] == pytest.approx(sum(bool(o) and o <= gone for o in of.values()) / len(of))
            assert rows[k]["protection"] == pytest.approx(
                share(sum(weights.get(a, 0) for a in hit), sum(weights.values()))
            )
            assert rows[k]["routes"] == pytest.approx(share(sum(o in gone for o in routes.values()), len(routes)))
            assert rows[k]["network"] == pytest.approx(share(whole - network_left(trade, by, gone), whole))


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@pytest.mark.parametrize("by", BY)
def test_random_is_the_mean_of_its_draws(by: By) -> None:
    trade = trade_of(3)
    count = disrupt(trade, by=by, most=1).totals["targets"]
    everything = lost(disrupt(trade, by=by, what="ads", most=count), "random")
    one = [lost(disrupt(trade, by=by, what="ads", most=count, seed=seed), "random")[1]["lost"] for seed in range(20)]
    # Where all are removed it does not matter in which order; where one is, on average each is as likely.
    assert everything[-1]["lost"] == lost(disrupt(trade, by=by, what="ads", most=count))[-1]["lost"]
    shown = [len(those) for those in owners(trade, by).values()]
    assert sum(one) / len(one) == pytest.approx(sum(shown) / len(shown) / count, rel=0.1)


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("what", WHAT)
def test_the_same_question_has_the_same_answer_whatever_the_order_of_rows(by: By, what: Any) -> None:
    trade = trade_of(11)
    dice = random.Random(0)
    turned = {name: shuffled(getattr(trade, name), dice) for name in ("shown", "hops", "ties")}
    facts = replace(trade.facts, ads=shuffled(trade.facts.ads, dice), offers=shuffled(trade.facts.offers, dice))
    first, second = (disrupt(each, by=by, what=what, most=5, seed=7) for each in (trade, Trade(facts, **turned)))
    assert first == second
    assert first.curve.equals(second.curve)


def shuffled(table: pa.Table, dice: random.Random) -> pa.Table:
    return table.take(pa.array(dice.sample(range(table.num_rows), table.num_rows), pa.int64()))


def test_a_case_read_once_answers_as_the_store_does(market: GraphStore) -> None:
    trade = read_trade(market)
    for by in BY:
        assert disrupt(trade, by=by, most=3).curve.equals(disruption(market, by=by, most=3).curve)
