"""Which contacts link which accounts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa
import pytest

from resolvers.contacts import Observations
from resolvers.links import DOUBT, MAX_ACCOUNTS_PER_CONTACT, Links, link


def observations(given: Sequence[tuple[str, ...]], accounts: list[str] | None = None) -> Observations:
    """Each row is (account, contact) or (account, contact, role); handles are those among the contacts."""
    ids = accounts or sorted({account for account, *_ in given})
    handles = sorted({c for _, c, *_ in given if not c.startswith(("tel:", "qr:", "mailto:"))})
    return Observations(
        accounts=pa.table(
            {
                "account": pa.array(ids, pa.string()),
                "platform": pa.array([i.split("|")[0] for i in ids], pa.string()),
                "seller_id": pa.array([i.split("|")[1] for i in ids], pa.string()),
                "name": pa.array(ids, pa.string()),
            }
        ),
        activity=pa.table(
            {
                "account": pa.array([], pa.string()),
                "name": pa.array([], pa.string()),
                "ads": pa.array([], pa.int64()),
                "first_seen": pa.array([], pa.timestamp("us")),
                "last_seen": pa.array([], pa.timestamp("us")),
            }
        ),
        given=pa.table(
            {
                "account": pa.array([a for a, *_ in given], pa.string()),
                "contact": pa.array([c for _, c, *_ in given], pa.string()),
                "role": pa.array([given_role[0] if given_role else "own" for _, _, *given_role in given], pa.string()),
                "ads": pa.array([1] * len(given), pa.int64()),
            }
        ),
        handles=pa.table(
            {
                "handle": pa.array(handles, pa.string()),
                "service": pa.array([h.split(":")[0] for h in handles], pa.string()),
                "handle_value": pa.array([h.split(":")[1] for h in handles], pa.string()),
            }
        ),
    )


def ends(links: Links) -> list[tuple[str, str]]:
    return list(zip(links.pairs["src"].to_pylist(), links.pairs["dst"].to_pylist(), strict=True))


def test_a_shared_contact_links_all_its_accounts() -> None:
    links = link(observations([("a|1", "tel:+861"), ("b|2", "tel:+861"), ("c|3", "tel:+861"), ("d|4", "tel:+862")]))
    assert ends(links) == [("a|1", "b|2"), ("a|1", "c|3"), ("b|2", "c|3")]
    assert links.pairs["contacts"].to_pylist() == [["tel:+861"]] * 3


def test_evidence_says_what_joined_them() -> None:
    given = [
        ("a|1", "wechat:abc_123"),
        ("b|2", "wechat:abc_123"),
        ("a|1", "tel:+8613800001234"),
        ("b|2", "tel:+8613800001234"),
    ]
    given += [("c|3", "tel:+8613800001234")]
    row = link(observations(given)).pairs.to_pylist()[0]
    assert row["evidence"] == [
        "both give the WeChat id abc_123 (seen on 2 accounts)",
        "both give the phone number +8613800001234 (seen on 3 accounts)",
    ]
    assert row["contacts"] == ["wechat:abc_123", "tel:+8613800001234"]


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        ("tel:+8613800001234", "phone number +8613800001234"),
        ("mailto:a@mail.example", "e-mail address a@mail.example"),
        ("qr:0123456789abcdef", "personal QR code qr:0123456789abcdef"),
        ("wechat:abc_123", "WeChat id abc_123"),
        ("qq:9000000001", "QQ number 9000000001"),
        ("line:a:b", "line account a:b"),
    ],
)
def test_every_kind_of_contact_has_words(contact: str, words: str) -> None:
    (row,) = link(observations([("a|1", contact), ("b|2", contact)])).pairs.to_pylist()
    assert row["evidence"] == [f"both give the {words} (seen on 2 accounts)"]


def test_probability_falls_with_use_and_rises_with_agreement() -> None:
    two = link(observations([("a|1", "tel:+861"), ("b|2", "tel:+861")])).pairs.to_pylist()[0]
    three = link(observations([(f"{c}|1", "tel:+861") for c in "abc"])).pairs.to_pylist()[0]
    both = link(observations([(a, c) for a in ("a|1", "b|2") for c in ("tel:+861", "tel:+862")])).pairs.to_pylist()[0]
    assert two["probability"] == pytest.approx(1 - DOUBT)
    assert three["probability"] == pytest.approx(1 - 2 * DOUBT)
    assert both["probability"] == pytest.approx(1 - DOUBT**2)
    assert two["weight"] == pytest.approx(math.log2((1 - DOUBT) / DOUBT))
    assert both["weight"] > two["weight"] > three["weight"] > 0


def test_ten_accounts_are_linked_and_eleven_are_a_hub() -> None:
    ten = [(f"p|{n:02d}", "tel:+861") for n in range(MAX_ACCOUNTS_PER_CONTACT)]
    assert link(observations(ten)).pairs.num_rows == 45
    links = link(observations([*ten, ("p|99", "tel:+861")]))
    assert links.pairs.num_rows == 0
    assert links.hubs.to_pylist() == [{"contact": "tel:+861", "accounts": 11}]


def test_a_handle_that_names_an_account_links_who_gives_it() -> None:
    seen = observations([("web|1", "xianyu:abc_1")], ["web|1", "xianyu|abc_1", "xianyu|abc_2"])
    links = link(seen)
    assert links.identifies.to_pylist() == [{"src": "xianyu:abc_1", "dst": "xianyu|abc_1"}]
    (row,) = links.pairs.to_pylist()
    assert (row["src"], row["dst"]) == ("web|1", "xianyu|abc_1")
    assert row["evidence"] == ["one gives the other's xianyu account abc_1 (seen on 2 accounts)"]


def test_naming_itself_links_nobody() -> None:
    assert link(observations([("xianyu|abc_1", "xianyu:abc_1")])).pairs.num_rows == 0


@pytest.mark.parametrize(
    ("account", "handle", "found"),
    [
        ("xianyu|Abc_1", "xianyu:abc_1", True),
        ("wechat|abc_1", "wechat:abc_1", True),
        ("wechat-moments|abc_1", "wechat:abc_1", True),
        ("qzone|9000000001", "qq:9000000001", True),
        ("weibo|abc_1", "wechat:abc_1", False),
        ("xianyu|abc_12", "xianyu:abc_1", False),
    ],
)
def test_what_a_handle_identifies(account: str, handle: str, found: bool) -> None:
    links = link(observations([("web|1", handle)], ["web|1", account]))
    assert links.identifies.num_rows == found
    assert links.pairs.num_rows == found


def test_an_equal_id_goes_before_one_in_other_case() -> None:
    links = link(observations([("web|1", "xianyu:abc_1")], ["web|1", "xianyu|ABC_1", "xianyu|abc_1"]))
    assert links.identifies["dst"].to_pylist() == ["xianyu|abc_1"]


def test_a_handle_given_by_nobody_as_own_still_identifies() -> None:
    seen = observations([("web|1", "xianyu:abc_1")], ["web|1", "xianyu|abc_1"])
    nobody = Observations(seen.accounts, seen.activity, seen.given.slice(0, 0), seen.handles)
    links = link(nobody)
    assert links.identifies.num_rows == 1
    assert links.pairs.num_rows == 0


def test_an_ad_of_an_unknown_account_links_nothing() -> None:
    assert link(observations([("a|1", "tel:+861"), ("gone|2", "tel:+861")], ["a|1"])).pairs.num_rows == 0


def test_repeated_rows_count_once() -> None:
    links = link(observations([("a|1", "tel:+861")] * 3 + [("b|2", "tel:+861")] * 2))
    assert links.pairs["evidence"].to_pylist() == [["both give the phone number +861 (seen on 2 accounts)"]]


def test_nothing_gives_nothing() -> None:
    links = link(observations([]))
    assert (links.pairs.num_rows, links.identifies.num_rows, links.hubs.num_rows) == (0, 0, 0)


def test_a_contact_that_most_show_as_anothers_joins_nobody() -> None:
    courier = [(f"p|{n}", "tel:+861", "courier") for n in range(3)]
    links = link(observations([*courier, ("p|8", "tel:+861"), ("p|9", "tel:+861")]))
    assert links.pairs.num_rows == 0
    assert links.foreign.to_pylist() == [{"contact": "tel:+861", "own": 2, "accounts": 5}]


def test_half_of_the_accounts_are_enough_to_own_a_contact() -> None:
    courier = [("p|1", "tel:+861", "courier"), ("p|2", "tel:+861", "courier")]
    links = link(observations([*courier, ("p|8", "tel:+861"), ("p|9", "tel:+861")]))
    assert ends(links) == [("p|8", "p|9")]
    assert links.foreign.num_rows == 0


def test_an_accounts_own_word_is_the_role_of_most_of_its_ads() -> None:
    mixed = [("p|1", "tel:+861", "courier"), ("p|1", "tel:+861", "guarantor"), ("p|1", "tel:+861", "own")]
    assert link(observations([*mixed, ("p|2", "tel:+861")])).pairs.num_rows == 0
    assert link(observations([*mixed[1:], ("p|2", "tel:+861")])).pairs.num_rows == 1


def test_a_contact_never_given_as_own_is_not_listed() -> None:
    assert link(observations([("p|1", "tel:+861", "courier"), ("p|2", "tel:+861", "courier")])).foreign.num_rows == 0
