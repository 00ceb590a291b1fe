"""Hand-overs between platforms, each with its advertisements."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from graph.paths import path_ads, paths_to_seller, seller_paths, traffic_paths
from graph.stores.base import GraphStore


def test_traffic_is_summed_and_cited(market: GraphStore) -> None:
    found = traffic_paths(market).to_pylist()
    assert [(r["from_platform"], r["to_platform"], r["carrier_kind"], r["ads"], r["sellers"]) for r in found] == [
        ("weibo", "wechat", "handle", 2, 2),
        ("xianyu", "wechat", "handle", 1, 1),
        ("xianyu", "wechat", "qr", 1, 1),
    ]
    # The undated ad comes after the dated one.
    assert found[0]["example_ads"] == ["weibo|9", "weibo|10"]
    assert (found[0]["accounts"], found[0]["contacts"]) == (2, 1)
    assert found[0]["first_ad"] == found[0]["last_ad"] == datetime(2018, 3, 9)
    assert traffic_paths(market, limit=1).num_rows == 1
    assert traffic_paths(market, limit=None).num_rows == 3


def test_traffic_is_there_before_resolve(unresolved: GraphStore) -> None:
    assert [row["sellers"] for row in traffic_paths(unresolved).to_pylist()] == [0, 0, 0]


def test_hops_of_a_seller_come_in_time(market: GraphStore) -> None:
    hops = seller_paths(market, "seller:0a01").to_pylist()
    assert [(h["from_platform"], h["contact"], h["ad_ids"]) for h in hops] == [
        ("xianyu", "WeChat demo_1", ["xianyu|1"]),
        ("xianyu", "WeChat friend code u.wechat.com/x", ["xianyu|2"]),
        ("weibo", "WeChat demo_1", ["weibo|9"]),
    ]


def test_ads_that_name_an_account_of_the_seller(market: GraphStore) -> None:
    found = paths_to_seller(market, "seller:0a01").to_pylist()
    assert [(r["from_name"], r["from_platform"], r["named_account"], r["ad_ids"]) for r in found] == [
        ("Ann", "xianyu", "weibo|b", ["xianyu|1"]),
        ("Ann", "xianyu", "weibo|b", ["xianyu|2"]),
        ("Carl", "weibo", "weibo|b", ["weibo|10"]),
    ]
    assert paths_to_seller(market, "seller:0b02").num_rows == 0


def test_who_warns_of_an_account_leads_nobody_there(market: GraphStore) -> None:
    before = paths_to_seller(market, "seller:0a01").to_pylist()
    market.write(
        {
            "Ad": pa.table({"id": ["weibo|13"], "platform": ["weibo"], "account_id": ["weibo|c"]}),
            "Account.POSTED.Ad": pa.table({"src": ["weibo|c"], "dst": ["weibo|13"]}),
            "Ad.MENTIONS.Handle": pa.table(
                {
                    "src": ["weibo|13"],
                    "dst": ["wechat:demo_1"],
                    "place": ["text"],
                    "span_start": [0],
                    "role": ["warning"],
                }
            ),
        }
    )
    assert paths_to_seller(market, "seller:0a01").to_pylist() == before


def test_the_ads_behind_a_hand_over(market: GraphStore) -> None:
    ads = path_ads(market, "weibo", "wechat", "handle").to_pylist()
    assert [(a["ad_id"], a["name"], a["contact"], a["title"]) for a in ads] == [
        ("weibo|9", "Ann", "WeChat demo_1", "**b**"),
        ("weibo|10", "Carl", "WeChat demo_1", None),
    ]
    assert path_ads(market, "weibo", "wechat", "handle", limit=1).num_rows == 1
    assert path_ads(market, "weibo", "nowhere", "handle").num_rows == 0


def test_an_empty_case_has_no_paths(store: GraphStore) -> None:
    assert traffic_paths(store).num_rows == 0


def test_a_contact_that_was_decided_to_be_somebody_elses_leads_nobody(market: GraphStore) -> None:
    """Read as Ann's own beside one of her ads, and decided to be a courier's there."""
    use = {"dst": ["wechat:demo_1"], "tenure": [1], "role": ["courier"], "own_probability": [0.01]}
    market.write({"Account.USES.Handle": pa.table({"src": ["xianyu|a"]} | use)})
    found = {(r["from_platform"], r["carrier_kind"]): r["ads"] for r in traffic_paths(market).to_pylist()}
    assert found == {("weibo", "handle"): 2, ("xianyu", "qr"): 1}
    assert [h["ad_ids"] for h in seller_paths(market, "seller:0a01").to_pylist()] == [["xianyu|2"], ["weibo|9"]]
    assert path_ads(market, "xianyu", "wechat", "handle").num_rows == 0
    assert [r["ad_ids"] for r in paths_to_seller(market, "seller:0a01").to_pylist()] == [["xianyu|2"], ["weibo|10"]]
