"""A small made-up market, written to every store: what the analysis tests count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from graph.lines import as_text
from graph.stores.base import GraphStore

HOSTILE = "</script><script>alert(1)</script> href=x"


def rows(*values: dict[str, Any]) -> pa.Table:
    names = dict.fromkeys(name for value in values for name in value)
    return pa.Table.from_pylist([{name: value.get(name) for name in names} for value in values])


def matches(*values: dict[str, Any]) -> pa.Table:
    return as_text(rows(*values))


def edges(*pairs: tuple[str, str], **same: Any) -> pa.Table:
    return rows(*({"src": source, "dst": target} | same for source, target in pairs))


def ad(ad_id: str, account: str | None, seen: datetime | None, **more: Any) -> dict[str, Any]:
    platform = ad_id.partition("|")[0]
    return {"id": ad_id, "platform": platform, "account_id": account, "seen_at": seen, "textless": False} | more


def mention(source: str, target: str, place: str = "text", method: str = "regex", role: str = "own") -> dict[str, Any]:
    image = place if method == "qr" else None
    where = {"place": place, "span_start": 0, "span_end": 3, "raw": "raw", "image_id": image}
    return {"src": source, "dst": target, "method": method, "role": role} | where


# Ann runs xianyu|a and weibo|b; Carl runs weibo|c; nobody is known behind weibo|11.
ADS = [
    # 20:00 UTC is the next day in Shanghai: two ads on 2 March there, one each on 3, 4 and 5.
    ad("xianyu|1", "xianyu|a", datetime(2018, 3, 1, 20), title="title of 1", text="text of 1"),
    ad("xianyu|2", "xianyu|a", datetime(2018, 3, 2, 10), location="Nowhere", price_cents=12_345, currency="CNY"),
    ad("xianyu|3", "xianyu|a", datetime(2018, 3, 2, 20)),
    ad("xianyu|4", "xianyu|a", datetime(2018, 3, 3, 20)),
    ad("xianyu|5", "xianyu|a", datetime(2018, 3, 31, 20)),
    ad("weibo|9", "weibo|b", datetime(2018, 3, 9), title="**b**", textless=True),
    ad("weibo|10", "weibo|c", None, textless=True),
    ad("weibo|11", None, datetime(2018, 3, 9), textless=True),
]


@pytest.fixture
def unresolved(store: GraphStore) -> GraphStore:
    """Ads, contacts and species, before anybody worked out the sellers."""
    store.write(
        {
            "Platform": rows(
                {"id": "xianyu", "name": "Xianyu", "kind": "second_hand"},
                {"id": "weibo", "name": "Weibo", "kind": "social_media"},
                {"id": "wechat", "name": "WeChat", "kind": "messaging"},
            ),
            "Account": rows(
                {"id": "xianyu|a", "platform": "xianyu", "seller_id": "a", "name": "Ann"},
                {"id": "weibo|b", "platform": "weibo", "seller_id": "b", "name": HOSTILE},
                {"id": "weibo|c", "platform": "weibo", "seller_id": "c", "name": "Carl"},
            ),
            "Ad": rows(*ADS),
            "Account.POSTED.Ad": edges(*((a["account_id"], a["id"]) for a in ADS if a["account_id"])),
            "Handle": rows({"id": "wechat:demo_1", "service": "wechat", "value": "demo_1"}),
            "Phone": rows({"id": "tel:+8613800138000", "number": "+8613800138000", "kind": "mobile"}),
            "QRCode": rows({"id": "qr:0123456789abcdef", "payload": "https://u.wechat.com/x", "kind": "wechat_friend"}),
            "QRCode.RESOLVES_TO.Handle": edges(("qr:0123456789abcdef", "wechat:demo_1")),
            "Ad.MENTIONS.Handle": rows(
                mention("xianyu|1", "wechat:demo_1"),
                mention("xianyu|1", "wechat:demo_1", "title"),
                mention("weibo|9", "wechat:demo_1"),
                mention("weibo|10", "wechat:demo_1", role="supplier"),
            ),
            "Ad.MENTIONS.Phone": rows(mention("xianyu|3", "tel:+8613800138000")),
            "Ad.MENTIONS.QRCode": rows(mention("xianyu|2", "qr:0123456789abcdef", "sha256:1", "qr")),
            "Ad.LEADS_TO.Platform": rows(
                {"src": "xianyu|1", "dst": "wechat", "carrier": "wechat:demo_1", "carrier_kind": "handle"},
                {"src": "weibo|9", "dst": "wechat", "carrier": "wechat:demo_1", "carrier_kind": "handle"},
                {"src": "weibo|10", "dst": "wechat", "carrier": "wechat:demo_1", "carrier_kind": "handle"},
                {"src": "xianyu|2", "dst": "wechat", "carrier": "qr:0123456789abcdef", "carrier_kind": "qr"},
            ),
            "Taxon": rows(
                {"id": "elephant", "name_en": "Elephant", "name_zh": "象", "cites": "I"},
                {"id": "tiger", "name_en": "Tiger", "name_zh": "虎", "cites": "I"},
            ),
            "Commodity": rows(
                {"id": "elephant/ivory", "taxon_id": "elephant", "part": "ivory"},
                {"id": "elephant/tusk", "taxon_id": "elephant", "part": "tusk"},
                {"id": "tiger/bone", "taxon_id": "tiger", "part": "bone"},
            ),
            "Commodity.OF.Taxon": edges(
                ("elephant/ivory", "elephant"), ("elephant/tusk", "elephant"), ("tiger/bone", "tiger")
            ),
            "Ad.OFFERS.Commodity": edges(
                ("xianyu|1", "elephant/ivory"), ("xianyu|1", "elephant/tusk"), ("xianyu|2", "tiger/bone"),
                ("xianyu|3", "tiger/bone"), ("weibo|10", "elephant/ivory"), term="word",
            ),
            "Image": rows({"id": "sha256:1", "path": "sha256/11/1"}),
            "Ad.SHOWS.Image": edges(("xianyu|2", "sha256:1"), position=0),
            "Capture": rows({"id": "sha256:c", "name": "march.jsonl"}),
            "Ad.CAPTURED_IN.Capture": edges(("xianyu|1", "sha256:c"), line=3),
        }
    )  # fmt: skip
    return store


@pytest.fixture
def market(unresolved: GraphStore) -> GraphStore:
    """The same with two sellers: Ann (two accounts, six ads) and Carl (one of each)."""
    unresolved.write(
        {
            "Seller": rows(
                {"id": "seller:0a01", "name": "Ann", "run_id": "resolve:2026-01-02T03:04:05.000006Z"},
                {"id": "seller:0b02", "name": "Carl", "run_id": "resolve:2026-01-02T03:04:05.000006Z"},
                {"id": "seller:0a99", "name": "Ann", "run_id": "resolve:2026-01-01T00:00:00.000000Z"},
            ),
            "Seller.SUPERSEDES.Seller": edges(("seller:0a01", "seller:0a99"), accounts=1),
            "Account.RUN_BY.Seller": edges(
                ("xianyu|a", "seller:0a01"), ("weibo|b", "seller:0a01"), ("weibo|c", "seller:0b02"), probability=1.0
            ),
            "Account.MATCHES.Account": matches(
                {
                    "src": "weibo|b", "dst": "xianyu|a", "probability": 0.99, "weight": 6.0, "joined": True,
                    "evidence": ["both show wechat:demo_1"], "comparisons": ["handle"], "weights": [9.5],
                    "contacts": ["wechat:demo_1"],
                },
                {
                    "src": "weibo|b", "dst": "weibo|c", "probability": 0.4, "weight": -0.5, "joined": False,
                    "evidence": ["both show wechat:demo_1", "names differ"], "comparisons": ["handle", "name"],
                    "weights": [5.0, -2.0], "contacts": ["wechat:demo_1"], "capped": ["photo:1: on 30 accounts"],
                    "cut": "weak bridge",
                },
            ),
            "Handle.IDENTIFIES.Account": edges(("wechat:demo_1", "weibo|b")),
        }
    )  # fmt: skip
    return unresolved
