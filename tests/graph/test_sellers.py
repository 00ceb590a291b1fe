"""One seller with everything that is known of it."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest

from graph.merges import JUDGEMENT
from graph.sellers import find_seller, seller_profile
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError


def _pair(src: str, dst: str, **more: object) -> pa.Table:
    return pa.Table.from_pylist([{"src": src, "dst": dst} | more])


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
    assert (merge["comparisons"], merge["weights"]) == (["handle"], [9.5])
    assert seller_profile(market, "seller:0b02").merges.num_rows == 0


def test_what_an_analyst_joined_is_told_first(market: GraphStore) -> None:
    said = {"left_id": "weibo|b", "right_id": "xianyu|a", "author": "Li", "made_at": datetime(2018, 5, 4)}
    given = [
        {"id": "judgement:1", "verdict": "same", "reason": "one voice", "retracted_at": None},
        {"id": "judgement:2", "verdict": "same", "reason": "taken back", "retracted_at": datetime(2018, 5, 5)},
        {"id": "judgement:3", "verdict": "unsure", "reason": "who knows", "retracted_at": None},
    ]
    market.write({"Judgement": pa.Table.from_pylist([said | each for each in given])})
    first, second = seller_profile(market, "seller:0a01").merges.to_pylist()
    assert first["evidence"] == ["judged the same by Li on 2018-05-04: one voice"]
    assert (first["comparisons"], first["weights"], first["probability"]) == ([JUDGEMENT], [], None)
    assert (first["left_id"], first["right_name"]) == ("weibo|b", "Ann")
    assert second["comparisons"] == ["handle"]


def test_pairs_near_to_it_are_told_from_both_sides(market: GraphStore) -> None:
    (near,) = seller_profile(market, "seller:0a01").near.to_pylist()
    assert (near["account_id"], near["other_id"], near["other_seller"]) == ("weibo|b", "weibo|c", "seller:0b02")
    assert (near["evidence"], near["weights"]) == (["both show wechat:demo_1", "names differ"], [5.0, -2.0])
    assert (near["probability"], near["cut"]) == (0.4, "weak bridge")
    assert (near["capped"], near["contact_names"]) == (["photo:1: on 30 accounts"], ["WeChat demo_1"])
    (seen,) = seller_profile(market, "seller:0b02").near.to_pylist()
    assert (seen["account_id"], seen["other_id"], seen["other_seller_name"]) == ("weibo|c", "weibo|b", "Ann")


def test_a_pair_inside_a_seller_that_was_not_joined_is_no_reason(market: GraphStore) -> None:
    market.write({"Account.MATCHES.Account": _pair("weibo|b", "xianyu|a", joined=False)})
    profile = seller_profile(market, "seller:0a01")
    assert (profile.merges.num_rows, profile.near.num_rows) == (0, 1)


def test_whose_a_contact_is_was_decided_from_all_mentions(market: GraphStore) -> None:
    use = {"tenure": 1, "own_probability": 0.01, "ads": 1, "reason": "12 accounts show it"}
    decided = [
        use | {"src": "xianyu|a", "dst": "wechat:demo_1", "role": "courier"},
        use | {"src": "weibo|b", "dst": "wechat:demo_1", "role": "courier"},
    ]
    market.write({"Account.USES.Handle": pa.Table.from_pylist(decided)})
    hotline = {"id": "tel:+8613800138000", "kind": "hotline"}
    market.write({"Phone": pa.Table.from_pylist([hotline])})
    contacts = {c["contact_id"]: c for c in seller_profile(market, "seller:0a01").contacts.to_pylist()}
    handle, phone = contacts["wechat:demo_1"], contacts["tel:+8613800138000"]
    assert (handle["role"], handle["read_role"], handle["reason"]) == ("courier", "own", "12 accounts show it")
    assert (phone["role"], phone["read_role"], phone["own_probability"]) == ("platform", "own", None)
    assert phone["reason"].startswith("a 400 or 800 line")
    assert contacts["qr:0123456789abcdef"]["reason"] == "not decided yet: it came after the last resolution"


def test_what_is_one_accounts_own_is_the_sellers_own(market: GraphStore) -> None:
    decided = [
        {"src": "xianyu|a", "dst": "wechat:demo_1", "tenure": 1, "role": "own", "own_probability": 0.9, "ads": 1},
        {"src": "weibo|b", "dst": "wechat:demo_1", "tenure": 1, "role": "other", "own_probability": 0.1, "ads": 30},
    ]
    market.write({"Account.USES.Handle": pa.Table.from_pylist(decided)})
    contacts = {c["contact_id"]: c for c in seller_profile(market, "seller:0a01").contacts.to_pylist()}
    assert (contacts["wechat:demo_1"]["role"], contacts["wechat:demo_1"]["own_probability"]) == ("own", 0.9)


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
