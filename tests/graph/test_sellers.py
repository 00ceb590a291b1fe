"""One seller with everything that is known of it."""

from __future__ import annotations

from datetime import datetime

import pytest

from graph.sellers import find_seller, seller_profile
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("seller:0a01", "seller:0a01"),
        (" seller:0a01 ", "seller:0a01"),
        ("weibo|b", "seller:0a01"),
        ("weibo|c", "seller:0b02"),
        ("seller:0b", "seller:0b02"),
        ("0b", "seller:0b02"),
        ("seller:0a99", "seller:0a01"),
    ],
)
def test_a_seller_is_found_by_what_people_have(market: GraphStore, wanted: str, found: str) -> None:
    assert find_seller(market, wanted) == found


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("seller:0", "'seller:0' is the start of 3 sellers: seller:0a01, seller:0a99, seller:0b02"),
        ("nobody", "no seller or account 'nobody'"),
        ("", "no seller or account ''"),
    ],
)
def test_what_fits_none_or_several_is_refused(market: GraphStore, wanted: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_seller(market, wanted)


def test_before_resolve_it_says_what_to_do(unresolved: GraphStore) -> None:
    with pytest.raises(UsageError, match="no sellers yet: run sellergraph resolve"):
        seller_profile(unresolved, "weibo|b")


def test_the_profile_sums_up(market: GraphStore) -> None:
    profile = seller_profile(market, "xianyu|a")
    (row,) = profile.seller.to_pylist()
    assert profile.seller_id == row["seller_id"] == "seller:0a01"
    assert (row["name"], row["ads"], row["accounts"], row["platforms"], row["active_days"]) == ("Ann", 6, 2, 2, 5)
    assert [(a["account_id"], a["platform_name"], a["ads"]) for a in profile.accounts.to_pylist()] == [
        ("xianyu|a", "Xianyu", 5),
        ("weibo|b", "Weibo", 1),
    ]


def test_contacts_say_where_they_were_read_and_who_else_shows_them(market: GraphStore) -> None:
    contacts = {c["contact_id"]: c for c in seller_profile(market, "seller:0a01").contacts.to_pylist()}
    handle = contacts["wechat:demo_1"]
    assert (handle["kind"], handle["caption"], handle["role"]) == ("handle", "WeChat demo_1", "own")
    assert (handle["ads"], handle["accounts"], handle["all_accounts"], handle["other_sellers"]) == (2, 2, 3, 1)
    assert (handle["places"], handle["platforms"]) == (["text", "title"], ["weibo", "xianyu"])
    assert contacts["qr:0123456789abcdef"]["places"] == ["picture"]
    assert contacts["tel:+8613800138000"]["caption"] == "+86 138 0013 8000"
    assert contacts["tel:+8613800138000"]["other_sellers"] == 0


def test_every_mention_keeps_its_place(market: GraphStore) -> None:
    mentions = seller_profile(market, "seller:0a01").mentions.to_pylist()
    assert len(mentions) == 5
    assert {(m["ad_id"], m["place"], m["raw"]) for m in mentions} >= {("xianyu|2", "sha256:1", "raw")}


def test_merges_carry_their_evidence(market: GraphStore) -> None:
    (merge,) = seller_profile(market, "seller:0a01").merges.to_pylist()
    assert (merge["left_id"], merge["right_id"], merge["right_name"]) == ("weibo|b", "xianyu|a", "Ann")
    assert (merge["evidence"], merge["contact_names"]) == (["both show wechat:demo_1"], ["WeChat demo_1"])
    assert seller_profile(market, "seller:0b02").merges.num_rows == 0


def test_ads_are_newest_first_with_pictures_and_capture(market: GraphStore) -> None:
    ads = seller_profile(market, "seller:0a01").ads.to_pylist()
    assert [a["ad_id"] for a in ads][:2] == ["xianyu|5", "weibo|9"]
    by_id = {a["ad_id"]: a for a in ads}
    assert by_id["xianyu|2"]["image_paths"] == ["sha256/11/1"]
    assert by_id["xianyu|4"]["image_paths"] == []
    assert (by_id["xianyu|1"]["file"], by_id["xianyu|1"]["line"]) == ("march.jsonl", 3)
    assert (by_id["xianyu|1"]["species"], by_id["xianyu|1"]["seen_at"]) == (["elephant"], datetime(2018, 3, 1, 20))


def test_species_are_counted_by_ad(market: GraphStore) -> None:
    species = seller_profile(market, "seller:0a01").species.to_pylist()
    assert [(s["taxon_id"], s["ads"], s["parts"]) for s in species] == [
        ("tiger", 2, ["bone"]),
        ("elephant", 1, ["ivory", "tusk"]),
    ]
