"""Single steps by which ads lead buyers on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from graph.hops import read_hops
from graph.stores.base import GraphStore

FIELDS = ("ad_id", "from_platform", "to_platform", "carrier", "carrier_kind", "to_account", "picture")


def table(*values: dict[str, Any]) -> pa.Table:
    names = dict.fromkeys(name for value in values for name in value)
    return pa.Table.from_pylist([{name: value.get(name) for name in names} for value in values])


def found(store: GraphStore) -> list[tuple[Any, ...]]:
    return [tuple(row[field] for field in FIELDS) for row in in_order(store)]


def in_order(store: GraphStore) -> list[dict[str, Any]]:
    return sorted(read_hops(store).rows.to_pylist(), key=lambda row: (row["ad_id"], row["carrier"]))


def test_hops_say_who_leads_where_and_which_account_is_named(market: GraphStore) -> None:
    code = "qr:0123456789abcdef"
    market.write(
        {
            "Platform": table({"id": "wechat", "name": "WeChat", "kind": "messaging"}),
            "Account": table({"id": "wechat|demo_1", "platform": "wechat", "seller_id": "demo_1"}),
            "Handle.IDENTIFIES.Account": table({"src": "wechat:demo_1", "dst": "wechat|demo_1"}),
        }
    )
    assert found(market) == [
        ("weibo|10", "weibo", "wechat", "wechat:demo_1", "handle", "wechat|demo_1", None),
        ("weibo|9", "weibo", "wechat", "wechat:demo_1", "handle", "wechat|demo_1", None),
        ("xianyu|1", "xianyu", "wechat", "wechat:demo_1", "handle", "wechat|demo_1", None),
        ("xianyu|2", "xianyu", "wechat", code, "qr", "wechat|demo_1", "sha256:1"),
    ]
    rows = in_order(market)
    assert [row["seller_id"] for row in rows] == ["seller:0b02", "seller:0a01", "seller:0a01", "seller:0a01"]
    assert rows[2]["seen_at"] == datetime(2018, 3, 1, 20)


def test_payment_codes_lead_to_the_till(market: GraphStore) -> None:
    shown = {"place": "sha256:1", "span_start": 1, "image_id": "sha256:1", "method": "qr"}
    market.write(
        {
            "QRCode": table({"id": "qr:pay", "payload": "https://qr.alipay.com/x", "kind": "alipay"}),
            "Platform": table({"id": "alipay", "name": "Alipay", "kind": "messaging"}),
            "Ad.MENTIONS.QRCode": table(
                {"src": "xianyu|2", "dst": "qr:pay", "role": "own"} | shown,
                {"src": "xianyu|3", "dst": "qr:pay", "role": "warning"} | shown,
            ),
            "Ad.LEADS_TO.Platform": table(
                {"src": "xianyu|2", "dst": "alipay", "carrier": "qr:pay", "carrier_kind": "qr"}
            ),
        }
    )
    assert [row for row in found(market) if row[3] == "qr:pay"] == [
        ("xianyu|2", "xianyu", "alipay", "qr:pay", "payment", None, "sha256:1")
    ]
    kinds = {row["platform"]: row["kind"] for row in read_hops(market).platforms.to_pylist()}
    assert (kinds["alipay"], kinds["wechat_pay"], kinds["weibo"]) == ("payment", "payment", "social_media")


def test_a_handle_that_only_the_watermark_gives_is_carried_by_it(market: GraphStore) -> None:
    read = {"place": "sha256:1", "image_id": "sha256:1", "method": "ocr", "role": "own"}
    leads = {"dst": "wechat", "carrier_kind": "handle"}
    market.write(
        {
            "Handle": table(
                {"id": "wechat:in_mark", "service": "wechat", "value": "in_mark"},
                {"id": "wechat:beside", "service": "wechat", "value": "beside"},
                {"id": "wechat:misread", "service": "wechat", "value": "misread"},
            ),
            "Watermark": table({"id": "watermark:vinmark", "text": "vinmark"}),
            "Ad.MENTIONS.Watermark": table(
                {"src": "xianyu|2", "dst": "watermark:vinmark", "span_start": 0, "span_end": 10} | read,
                {"src": "xianyu|3", "dst": "watermark:vinmark", "span_start": 0, "span_end": 10} | read,
            ),
            "Ad.MENTIONS.Handle": table(
                {"src": "xianyu|2", "dst": "wechat:in_mark", "span_start": 3} | read,
                {"src": "xianyu|3", "dst": "wechat:in_mark", "span_start": 3} | read,
                {"src": "xianyu|3", "dst": "wechat:in_mark", "place": "text", "span_start": 0, "role": "own"},
                {"src": "xianyu|2", "dst": "wechat:beside", "span_start": 10} | read,
                {"src": "xianyu|2", "dst": "wechat:misread", "span_start": 20, "candidate_of": "wechat:beside"} | read,
            ),
            "Ad.LEADS_TO.Platform": table(
                {"src": "xianyu|2", "carrier": "wechat:in_mark"} | leads,
                {"src": "xianyu|3", "carrier": "wechat:in_mark"} | leads,
                {"src": "xianyu|2", "carrier": "wechat:beside"} | leads,
                {"src": "xianyu|2", "carrier": "wechat:misread"} | leads,
            ),
        }
    )
    new = {
        (row[0], row[3]): (row[4], row[6]) for row in found(market) if row[3].endswith(("mark", "beside", "misread"))
    }
    assert new == {
        ("xianyu|2", "wechat:in_mark"): ("watermark", "sha256:1"),
        ("xianyu|3", "wechat:in_mark"): ("handle", "sha256:1"),
        ("xianyu|2", "wechat:beside"): ("handle", "sha256:1"),
    }


def test_a_link_to_a_profile_names_its_account(market: GraphStore) -> None:
    address = "https://shop.example.cn/u/7/"
    market.write(
        {
            "Platform": table({"id": "shop", "name": "Shop", "kind": "website"}),
            "Account": table(
                {"id": "shop|7", "platform": "shop", "seller_id": "7", "url": "HTTPS://Shop.Example.cn/u/7/"}
            ),
            "Link": table({"id": f"link:{address}", "url": address, "host": "shop.example.cn"}),
            "Ad.LEADS_TO.Platform": table(
                {"src": "xianyu|4", "dst": "shop", "carrier": f"link:{address}", "carrier_kind": "link"}
            ),
        }
    )
    assert [row[5] for row in found(market) if row[0] == "xianyu|4"] == ["shop|7"]


def test_an_empty_case_has_no_hops(store: GraphStore) -> None:
    hops = read_hops(store)
    assert (hops.rows.num_rows, hops.platforms.num_rows) == (0, 0)
