"""Chains between two sellers, accounts or contacts."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from graph.connections import connections
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError


def chains(store: GraphStore, left: str, right: str, k: int = 10) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    rows = connections(store, left, right, k=k).to_pylist()
    for one, other in pairwise(rows):
        assert one["path"] != other["path"] or one["to_id"] == other["from_id"]
    for row in rows:
        found.setdefault(row["path"], [row["from_id"]]).extend([row["how"], row["to_id"]])
    return list(found.values())


def test_two_sellers_are_tied_by_what_their_accounts_show(market: GraphStore) -> None:
    ann, carl = "seller:0a01", "seller:0b02"
    end = ["wechat:demo_1", "is shown by", "weibo|c", "is run by", carl]
    # Ann's other account shows the handle too, and the code that only it shows names the same: a detour.
    assert chains(market, ann, carl, k=5) == [
        [ann, "runs", "weibo|b", "is named by", *end],
        [ann, "runs", "xianyu|a", "shows", *end],
    ]
    # Shorter ids and earlier sellers are understood; one path is enough if asked.
    assert len(chains(market, "seller:0a99", "0b02", k=1)) == 1


def test_a_step_says_how_many_ads_carry_it_and_shows_one(market: GraphStore) -> None:
    steps = connections(market, "weibo|c", "wechat:demo_1", k=1).to_pylist()
    assert [(s["from_name"], s["how"], s["to_name"], s["ads"], s["example_ad"]) for s in steps] == [
        ("Carl", "shows", "WeChat demo_1", 1, "weibo|10")
    ]


def test_a_hub_costs_more_than_a_detour_over_rare_contacts(market: GraphStore) -> None:
    many = [f"p|{n}" for n in range(64)]
    ads = {"id": [*(f"p|a{n}" for n in range(64)), "p|r0", "p|r1"], "account_id": [*many, "p|0", "p|1"]}
    hub = {"src": ads["id"][:64], "dst": ["tel:+861"] * 64}
    rare = {"src": ["p|r0", "p|r1"], "dst": ["tel:+862"] * 2}
    both = {name: hub[name] + rare[name] for name in hub}
    more = {"place": ["text"] * 66, "span_start": [0] * 66, "role": ["own"] * 66}
    market.write(
        {
            "Account": pa.table({"id": many}),
            "Ad": pa.table(ads),
            "Account.POSTED.Ad": pa.table({"src": ads["account_id"], "dst": ads["id"]}),
            "Phone": pa.table({"id": ["tel:+861", "tel:+862"]}),
            "Ad.MENTIONS.Phone": pa.table(both | more),
        }
    )
    first, second = chains(market, "p|0", "p|1", k=2)
    assert first == ["p|0", "shows", "tel:+862", "is shown by", "p|1"]
    assert second == ["p|0", "shows", "tel:+861", "is shown by", "p|1"]


def test_what_is_not_connected_or_unknown(market: GraphStore) -> None:
    market.write({"Account": pa.table({"id": ["p|1"]}), "Seller": pa.table({"id": ["seller:9"]})})
    market.write({"Account.RUN_BY.Seller": pa.table({"src": ["p|1"], "dst": ["seller:9"]})})
    assert chains(market, "seller:9", "seller:0a01") == []
    with pytest.raises(
        UsageError, match="no seller, account or contact 'tel:\\+8613900000000' among those that ads show"
    ):
        chains(market, "tel:+8613900000000", "seller:0a01")
    with pytest.raises(UsageError, match="did you mean wechat:demo_1"):
        chains(market, "wechat:demo_2", "seller:0a01")
    with pytest.raises(UsageError, match="no seller or account 'seller:unlike'"):
        chains(market, "seller:unlike", "seller:0a01")
    with pytest.raises(UsageError, match="are one and the same"):
        chains(market, "seller:0a99", "seller:0a01")
