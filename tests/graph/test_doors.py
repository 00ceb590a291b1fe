"""Doors, tills, and the contacts that carry most."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from graph.doors import carriers, platform_roles
from graph.market import read_market
from graph.paths import flows, sankey
from graph.stores.base import GraphStore


def test_doors_come_first_and_tills_last(market: GraphStore) -> None:
    market.write(
        {
            "QRCode": pa.table({"id": ["qr:pay"], "kind": ["wechat_pay"]}),
            "Ad.MENTIONS.QRCode": pa.table(
                {"src": ["weibo|9"], "dst": ["qr:pay"], "place": ["i"], "span_start": [0], "role": ["own"]}
            ),
            "Ad.LEADS_TO.Platform": pa.table(
                {"src": ["xianyu|4"], "dst": ["weibo"], "carrier": ["wechat:demo_1"], "carrier_kind": ["handle"]}
            ),
        }
    )
    names = ("platform", "role", "ads", "ads_away", "ads_here", "share_away", "balance")
    assert [tuple(row[name] for name in names) for row in platform_roles(read_market(market)).to_pylist()] == [
        ("xianyu", "door", 5, 3, 0, 0.6, 1.0),
        ("weibo", "door", 3, 2, 1, round(2 / 3, 6), round(1 / 3, 6)),
        ("wechat", "till", 0, 0, 4, None, -1.0),
        ("wechat_pay", "till", 0, 0, 1, None, -1.0),
    ]


def test_a_page_of_an_app_is_the_app(market: GraphStore) -> None:
    market.write({"Platform": pa.table({"id": ["weibo"], "within": ["wechat"]})})
    found = {row["platform"]: row for row in platform_roles(read_market(market)).to_pylist()}
    assert set(found) == {"xianyu", "wechat"}
    assert (found["wechat"]["ads"], found["wechat"]["ads_away"], found["wechat"]["ads_here"]) == (3, 0, 2)


def test_the_contact_that_carries_most_comes_first(market: GraphStore) -> None:
    first, second = carriers(market, read_market(market)).to_pylist()
    assert first == {
        "carrier": "wechat:demo_1", "contact": "WeChat demo_1", "carrier_kind": "handle", "ads": 3, "accounts": 3,
        "sellers": 2, "from_platforms": ["weibo", "xianyu"], "to_platforms": ["wechat"], "named_account": "weibo|b",
        "protection": 0.666, "first_ad": datetime(2018, 3, 1, 20), "last_ad": datetime(2018, 3, 9),
        "example_ads": ["xianyu|1", "weibo|9", "weibo|10"],
    }  # fmt: skip
    assert (second["contact"], second["ads"]) == ("WeChat friend code u.wechat.com/x", 1)
    assert carriers(market, read_market(market), limit=1).num_rows == 1


def test_a_diagram_has_the_flows_as_edges(market: GraphStore) -> None:
    found = read_market(market)
    edges = sankey(found, flows(found, limit=None)).to_pylist()
    assert [(e["source"], e["target"], e["source_name"], e["target_kind"], e["value"]) for e in edges] == [
        ("from weibo", "to wechat", "Weibo", "messaging", 2),
        ("from xianyu", "to wechat", "Xianyu", "messaging", 1),
        ("from xianyu", "to wechat", "Xianyu", "messaging", 1),
    ]


def test_an_empty_case(store: GraphStore) -> None:
    found = read_market(store)
    assert platform_roles(found).num_rows == carriers(store, found).num_rows == 0
