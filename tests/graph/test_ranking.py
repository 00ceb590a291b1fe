"""Sellers in order, with what the order is made of."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from graph.facts import Facts, read_facts
from graph.hops import Hops
from graph.market import Market, read_market
from graph.ranking import FIGURES, concentration, rank, rank_by, rank_sellers, top_share
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

DAY = datetime(2018, 3, 9)
COLUMNS = ("rank", "rank_best", "rank_worst", "seller_id", "name", "score", *FIGURES, "ads_points")


def test_sellers_are_ranked_with_their_figures(market: GraphStore) -> None:
    ranked = rank_sellers(market)
    assert tuple(ranked.column_names) == COLUMNS
    first, second = ranked.to_pylist()
    assert first == {
        "rank": 1,
        "rank_best": 1,
        "rank_worst": 1,
        "score": 100.0,
        "ads_points": 100.0,
        "new_ads": 6,
        "growth": round(math.log2(7), 6),
        "reach": 0,
        "price_volume": 123.45,
        "currency": "CNY",
        # Elephant and tiger stand in CITES appendix I and on no other list here: a third of three each.
        "protection": 0.999,
        "wild_claims": 0,
        "hub": 0,
        # Routes weibo to wechat by Ann or Carl, xianyu to wechat by Ann: 1.5 of 2.
        "betweenness": 0.75,
        "seller_id": "seller:0a01",
        "name": "Ann",
        "ads": 6,
        "active_days": 5,
        "platforms": 2,
        "platform_list": ["weibo", "xianyu"],
        "accounts": 2,
        "share": 0.75,
        "species": ["tiger", "elephant"],
        "first_ad": datetime(2018, 3, 1, 20),
        "last_ad": datetime(2018, 3, 31, 20),
    }
    assert (second["name"], second["ads"], second["active_days"], second["share"]) == ("Carl", 1, 0, 0.125)


def test_days_are_local(market: GraphStore) -> None:
    assert rank_sellers(market, timezone="UTC").to_pylist()[0]["active_days"] == 5
    # 20:00 and 10:00 UTC on 1, 2 and 2 March are 2, 2 and 3 March in Shanghai.
    early = {"until": datetime(2018, 3, 2, 21)}
    assert rank_sellers(market, timezone="UTC", **early).to_pylist()[0]["active_days"] == 2
    assert rank_sellers(market, timezone="Pacific/Kiritimati", **early).to_pylist()[0]["active_days"] == 2


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"species": "tiger"}, [("Ann", 2, 1.0)]),
        ({"species": "象"}, [("Ann", 1, 0.5), ("Carl", 1, 0.5)]),
        ({"species": "象,tiger"}, [("Ann", 3, 0.75), ("Carl", 1, 0.25)]),
        ({"species": "leopard，Tiger"}, [("Ann", 2, 1.0)]),
        ({"species": "ELEPHANT"}, [("Ann", 1, 0.5), ("Carl", 1, 0.5)]),
        ({"platform": "Weibo"}, [("Ann", 1, 1 / 3), ("Carl", 1, 1 / 3)]),
        ({"kind": "second_hand"}, [("Ann", 5, 1.0)]),
        ({"place": "no where"}, [("Ann", 1, 1.0)]),
        ({"place": "elsewhere"}, []),
        ({"place": " "}, [("Ann", 6, 0.75), ("Carl", 1, 0.125)]),
        ({"since": datetime(2018, 3, 9)}, [("Ann", 2, 2 / 3)]),
        ({"until": datetime(2018, 3, 2, 10)}, [("Ann", 1, 1.0)]),
        ({"limit": 1}, [("Ann", 6, 0.75)]),
        ({"limit": None}, [("Ann", 6, 0.75), ("Carl", 1, 0.125)]),
        ({"species": "tiger", "platform": "weibo"}, []),
    ],
)
def test_filters_narrow_ads_and_shares(
    market: GraphStore, filters: dict[str, Any], expected: list[tuple[str, int, float]]
) -> None:
    found = rank_sellers(market, **filters).to_pylist()
    assert [(row["name"], row["ads"], row["share"]) for row in found] == expected


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"species": "tiger,elefant"}, "unknown species 'elefant'; did you mean elephant?"),
        ({"species": "elefant"}, "unknown species 'elefant'; did you mean elephant?"),
        ({"platform": "xianju"}, "unknown platform 'xianju'; did you mean xianyu?"),
        ({"species": "qqq"}, "unknown species 'qqq'; known are elephant, tiger"),
        ({"kind": "qqq"}, "known are messaging, second_hand, social_media"),
    ],
)
def test_unknown_names_are_answered_with_known_ones(market: GraphStore, filters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        rank_sellers(market, **filters)


def test_before_resolve_it_says_what_to_do(unresolved: GraphStore) -> None:
    with pytest.raises(UsageError, match="no sellers yet: run sellergraph resolve"):
        rank_sellers(unresolved)


def test_an_empty_case_ranks_nobody(store: GraphStore) -> None:
    assert rank_sellers(store).num_rows == 0
    assert tuple(rank_sellers(store).column_names) == COLUMNS
    assert top_share(store) == 0.0


@pytest.mark.parametrize(
    ("asked", "share"),
    [
        ({"k": 1}, 0.75),
        ({"k": 10}, 0.875),
        ({"k": 1, "by": "account"}, 0.625),
        ({"k": 1, "kind": "social_media"}, 1 / 3),
    ],
)
def test_top_share_counts_ads_of_unknown_accounts_in_the_whole(
    market: GraphStore, asked: dict[str, Any], share: float
) -> None:
    assert top_share(market, **asked) == pytest.approx(share)


def test_concentration_is_cumulative(market: GraphStore) -> None:
    curve = concentration(read_facts(market))
    assert curve["cumulative"].to_pylist() == [0.75, 0.875]


def test_an_unknown_scheme_is_answered_with_those_there_are(market: GraphStore) -> None:
    with pytest.raises(UsageError, match="unknown scheme 'loud'; there are volume, harm, connectors, rising, balanced"):
        rank_sellers(market, scheme="loud")


def test_points_of_the_parts_sum_to_the_score(market: GraphStore) -> None:
    for row in rank_sellers(market, scheme="balanced").to_pylist():
        parts = {name: value for name, value in row.items() if name.endswith("_points")}
        assert len(parts) == 11
        assert sum(parts.values()) == pytest.approx(row["score"], abs=0.1)


def test_ranks_without_spans_are_the_same(market: GraphStore) -> None:
    whole = rank_sellers(market, scheme="harm")
    assert rank_sellers(market, scheme="harm", intervals=False).equals(whole.drop_columns(["rank_best", "rank_worst"]))


def test_accounts_contacts_and_platforms_are_ranked_too(market: GraphStore) -> None:
    def ranked(by: Any, *names: str) -> list[tuple[Any, ...]]:
        return [tuple(row[name] for name in names) for row in rank_by(market, by, limit=None).to_pylist()]

    assert ranked("account", "rank", "account_id", "name", "ads", "active_days")[0] == (1, "xianyu|a", "Ann", 5, 4)
    assert ranked("platform", "platform_id", "name", "ads", "accounts", "hub") == [
        ("xianyu", "Xianyu", 5, 1, 1), ("weibo", "Weibo", 3, 2, 1)
    ]  # fmt: skip
    assert ranked("contact", "contact_id", "name", "ads", "accounts", "platforms", "betweenness") == [
        ("wechat:demo_1", "WeChat demo_1", 3, 3, 2, 0.75),
        ("qr:0123456789abcdef", "WeChat friend code u.wechat.com/x", 1, 1, 1, 0.25),
        ("tel:+8613800138000", "+86 138 0013 8000", 1, 1, 1, 0.0),
    ]


def test_networks_are_ranked_with_the_ads_of_all_their_sellers(market: GraphStore) -> None:
    market.write(
        {
            "Network": pa.table({"id": ["network:01"]}),
            "Seller.MEMBER_OF.Network": pa.table(
                {"src": ["seller:0a01", "seller:0b02"], "dst": ["network:01"] * 2, "role": ["supplier", "agent"]}
            ),
        }
    )
    [found] = rank_by(market, "network").to_pylist()
    assert (found["network_id"], found["name"], found["ads"]) == ("network:01", "Ann and 1 more", 7)
    assert (found["accounts"], found["platforms"], found["active_days"]) == (3, 2, 5)


def test_accounts_are_ranked_before_resolve(unresolved: GraphStore) -> None:
    assert rank_by(unresolved, "account")["account_id"].to_pylist() == ["xianyu|a", "weibo|b", "weibo|c"]


def test_contacts_that_others_show_make_a_hub(market: GraphStore) -> None:
    """Ann's own WeChat is shown by Carl as his supplier's."""
    use = {"dst": ["wechat:demo_1"] * 2, "tenure": [1, 1], "role": ["own", "supplier"], "own_probability": [0.9, 0.1]}
    market.write({"Account.USES.Handle": pa.table({"src": ["xianyu|a", "weibo|c"]} | use)})
    assert [(row["name"], row["hub"]) for row in rank_sellers(market).to_pylist()] == [("Ann", 1), ("Carl", 0)]


def test_growth_compares_the_last_period_with_the_one_before(market: GraphStore) -> None:
    days = (0, 1, 2, 100, 101, 200)
    ads = [{"id": f"weibo|c{n}", "platform": "weibo", "account_id": "weibo|c", "views": 10 * n,
            "seen_at": datetime(2019, 1, 1) - timedelta(days=n)} for n in days]  # fmt: skip
    posted = {"src": ["weibo|c"] * len(days), "dst": [ad["id"] for ad in ads]}
    market.write({"Ad": pa.Table.from_pylist(ads), "Account.POSTED.Ad": pa.table(posted)})
    carl = next(row for row in rank_sellers(market, scheme="rising").to_pylist() if row["name"] == "Carl")
    assert (carl["ads"], carl["new_ads"], carl["growth"], carl["reach"]) == (7, 3, round(math.log2(4 / 3), 6), 4040)
    early = rank_sellers(market, scheme="rising", until=datetime(2018, 12, 1)).to_pylist()
    assert {row["name"]: row["new_ads"] for row in early} == {"Ann": 0, "Carl": 2}


def test_ranks_move_with_uncertain_merges(market: GraphStore) -> None:
    """Ann's two accounts, of five ads and one, hang together by .95; Carl has as many as her larger one."""
    ads = [{"id": f"weibo|c{n}", "platform": "weibo", "account_id": "weibo|c", "seen_at": DAY} for n in range(4)]
    posted = {"src": ["weibo|c"] * 4, "dst": [ad["id"] for ad in ads]}
    pair = {"src": ["weibo|b"], "dst": ["xianyu|a"], "joined": [True]}
    market.write({"Ad": pa.Table.from_pylist(ads), "Account.POSTED.Ad": pa.table(posted)})
    market.write({"Account.MATCHES.Account": pa.table(pair | {"probability": [0.999]})})

    def spans() -> list[tuple[Any, ...]]:
        rows = rank_sellers(market).to_pylist()
        return [(row["name"], row["ads"], row["rank_best"], row["rank_worst"]) for row in rows]

    assert spans() == [("Ann", 6, 1, 1), ("Carl", 5, 2, 2)]
    market.write({"Account.MATCHES.Account": pa.table(pair | {"probability": [0.95]})})
    assert spans() == [("Ann", 6, 1, 2), ("Carl", 5, 1, 2)]


def test_equal_scores_share_the_span_of_their_ranks(market: GraphStore) -> None:
    ads = [{"id": f"weibo|c{n}", "platform": "weibo", "account_id": "weibo|c", "seen_at": DAY} for n in range(5)]
    posted = {"src": ["weibo|c"] * 5, "dst": [ad["id"] for ad in ads]}
    market.write({"Ad": pa.Table.from_pylist(ads), "Account.POSTED.Ad": pa.table(posted)})
    rows = rank_sellers(market).to_pylist()
    assert [(row["rank"], row["rank_best"], row["rank_worst"]) for row in rows] == [(1, 1, 2), (2, 1, 2)]


def test_a_claim_to_the_wild_counts_where_a_species_is_offered(market: GraphStore) -> None:
    ids = ["xianyu|1", "xianyu|4"]
    market.write({"Ad": pa.table({"id": ids, "platform": ["xianyu"] * 2, "claims": [["wild"], ["wild"]]})})
    assert [row["wild_claims"] for row in rank_sellers(market).to_pylist()] == [1, 0]


def test_the_same_market_in_another_order_gives_the_same_rows(market: GraphStore) -> None:
    found = read_market(market)
    turned = _turned(found)
    for scheme in ("volume", "balanced"):
        assert rank(turned, scheme=scheme, limit=None).equals(rank(found, scheme=scheme, limit=None))


def _turned(market: Market) -> Market:
    facts = {name: _upside_down(table) for name, table in vars(market.facts).items()}
    hops = Hops(_upside_down(market.hops.rows), _upside_down(market.hops.platforms))
    more = {name: _upside_down(getattr(market, name)) for name in ("uses", "pairs", "judged", "members")}
    return Market(facts=Facts(**facts), hops=hops, **more)


def _upside_down(table: pa.Table) -> pa.Table:
    return table.take(pa.array(range(table.num_rows)[::-1], pa.int64()))


def _counted(ads: list[dict[str, Any]]) -> Mapping[str, Mapping[str, float]]:
    """Seller -> part -> value, by the definitions, in plain Python."""
    found = defaultdict[str, list[dict[str, Any]]](list)
    for ad in ads:
        found[f"seller:{ad['account_id'][-1]}"].append(ad)
    end = max(ad["seen_at"] for ad in ads)
    recent = [ad["id"] for ad in ads if ad["seen_at"] > end - timedelta(days=90)]
    before = [ad["id"] for ad in ads if end - timedelta(days=180) < ad["seen_at"] <= end - timedelta(days=90)]
    parts = {}
    for seller, posted in found.items():
        ids = [ad["id"] for ad in posted]
        new, old = len(set(ids) & set(recent)), len(set(ids) & set(before))
        parts[seller] = {
            "ads": len(ids),
            "new_ads": new,
            "growth": round(math.log2((new + 1) / (old + 1)), 6),
            "active_days": len({(ad["seen_at"] + timedelta(hours=8)).date() for ad in posted}),
            "platforms": len({ad["platform"] for ad in posted}),
            "reach": sum(ad["views"] or 0 for ad in posted),
            "price_volume": sum(ad["price_cents"] or 0 for ad in posted if ad["currency"] == "CNY") / 100,
            "wild_claims": sum("wild" in (ad["claims"] or ()) for ad in posted),
        }
    return parts


def test_parts_are_what_their_definitions_count(store: GraphStore) -> None:
    dice = random.Random(7)
    ads = [
        {
            "id": f"p{n % 3}|{n}", "platform": f"p{n % 3}", "account_id": f"p{n % 3}|{dice.choice('abcd')}",
            "seen_at": datetime(2018, 1, 1) + timedelta(hours=dice.randrange(24 * 300)),
            "views": dice.choice([None, 0, 5, 1000]), "price_cents": dice.choice([None, 100, 123_456]),
            "currency": dice.choice(["CNY", "CNY", "USD", None]),
            "claims": dice.choice([None, ["wild"], ["recruiting"]]),
        }
        for n in range(200)
    ]  # fmt: skip
    accounts = sorted({ad["account_id"] for ad in ads})
    sellers = [f"seller:{account[-1]}" for account in accounts]
    store.write(
        {
            "Platform": pa.table({"id": ["p0", "p1", "p2"]}),
            "Account": pa.table({"id": accounts}),
            "Ad": pa.Table.from_pylist(ads),
            "Account.POSTED.Ad": pa.table({"src": [a["account_id"] for a in ads], "dst": [a["id"] for a in ads]}),
            "Taxon": pa.table({"id": ["t"], "cites": ["I"]}),
            "Commodity": pa.table({"id": ["t/x"], "taxon_id": ["t"]}),
            "Ad.OFFERS.Commodity": pa.table({"src": [a["id"] for a in ads], "dst": ["t/x"] * len(ads)}),
            "Seller": pa.table({"id": sorted(set(sellers))}),
            "Account.RUN_BY.Seller": pa.table({"src": accounts, "dst": sellers}),
        }
    )
    expected = _counted(ads)
    for row in rank_sellers(store, limit=None).to_pylist():
        parts = expected[row["seller_id"]]
        assert {name: row[name] for name in parts} == parts
