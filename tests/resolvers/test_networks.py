"""Networks: hand-made cases with known answers; who works together, in which role, under which id."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from graph.schema import load_schema
from graph.stores import GraphStore
from resolvers import networks
from resolvers.networks import network_tables, read_networks, read_photos, read_recruiters
from resolvers.ties import CONTACT_SELLERS, PHOTO_SELLERS

DAY = datetime(2018, 3, 1)
Row = tuple[Any, ...]
Tables = dict[str, pa.Table]


def day(number: float | None) -> datetime | None:
    return None if number is None else DAY + timedelta(days=number)


def use(account: str, contact: str, role: str, since: float | None = 0, until: float | None = 9, **more: Any) -> Row:
    return account, contact, role, more.get("sure", 0.9), more.get("ads", 3), day(since), day(until)


def photo(account: str, name: str, first: float | None = 0) -> Row:
    return account, f"photo:{name}", day(first), 1


def table(columns: str, rows: Sequence[Row]) -> pa.Table:
    names = columns.split()
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})


def networks_of(
    accounts: Sequence[str],
    uses: Sequence[Row] = (),
    photos: Sequence[Row] = (),
    recruiters: Sequence[str] = (),
    earlier: dict[str, str] | None = None,
    idle: int = 600,
) -> Tables:
    """The tables; account 'a' is run by 'seller:a', 'a2' by 'seller:a' too; `idle` others have nothing."""
    members = [(account, f"seller:{account.rstrip('0123456789')}") for account in accounts]
    members += [(f"idle{number}", f"seller:idle{number}") for number in range(idle)]
    return network_tables(
        table("account seller", members),
        table("account contact role own_probability ads first_seen last_seen", uses),
        table("account photo first_seen ads", photos),
        table("account", [(account,) for account in recruiters]),
        earlier or {},
        "run:1",
    )


def roles(found: Tables) -> dict[str, str]:
    rows = found["Seller.MEMBER_OF.Network"].to_pylist()
    return {row["src"].removeprefix("seller:"): row["role"] for row in rows}


def groups(found: Tables) -> list[str]:
    """Members of each network, written together: ['ab', 'cde']."""
    by_id: dict[str, str] = {}
    for row in found["Seller.MEMBER_OF.Network"].to_pylist():
        by_id[row["dst"]] = by_id.get(row["dst"], "") + row["src"].removeprefix("seller:")
    return sorted(by_id.values())


def ties(found: Tables) -> dict[str, list[str]]:
    rows = found["Seller.TIED_TO.Seller"].to_pylist()
    return {(row["src"] + row["dst"]).replace("seller:", ""): row["kinds_text"].split(", ") for row in rows}


def test_agents_who_repost_their_suppliers_photos_are_one_network_with_roles() -> None:
    photos = [photo("s", name, 0) for name in "pqr"]
    photos += [photo("a", "p", 5), photo("a", "q", 6), photo("b", "q", 3), photo("b", "r", 9), photo("x", "z", 0)]
    found = networks_of(["s", "a", "b", "b2", "x"], photos=photos)
    assert groups(found) == ["abs"]
    assert roles(found) == {"s": "supplier", "a": "agent", "b": "agent"}
    (network,) = found["Network"].to_pylist()
    assert network == {
        "id": network["id"],
        "sellers": 3,
        "reasons": ["3 pairs: both show the same photographs"],
        "run_id": "run:1",
    }
    assert network["id"].startswith("network:")
    assert len(network["id"]) == len("network:") + 12
    why = {row["src"]: row["reason"] for row in found["Seller.MEMBER_OF.Network"].to_pylist()}
    assert why["seller:s"] == "others re-posted 3 of its photographs (4 times); tied to 2 sellers of the network"
    assert why["seller:a"] == "re-posted 2 photographs that others posted before; tied to 2 sellers of the network"
    tie = found["Seller.TIED_TO.Seller"].to_pylist()[1]
    assert (tie["src"], tie["dst"], tie["kinds_text"]) == ("seller:a", "seller:s", "photo")
    # p is shown by two, q by three: log2(32 / 2), and a part of log2(32 / 3), in steps of 1/64.
    assert tie["weight"] == 4 + round(math.log2(32 / 3) * (math.sqrt(2) - 1) * 64) / 64
    assert tie["reasons_text"].splitlines() == [
        "both show 2 photographs, the rarest photo:p (2 sellers show it); seller:s posted 2 of 2 first"
    ]


def test_the_tables_are_the_schemas() -> None:
    found = networks_of(["a", "b"], photos=[photo("a", "p"), photo("b", "p")])
    for name, rows in found.items():
        schema = load_schema().table(name).arrow
        assert {field.name: schema.field(field.name).type for field in rows.schema} == {
            field.name: field.type for field in rows.schema
        }, name


@pytest.mark.parametrize("times", [(0, 0.5), (None, None), (0, None)], ids=["within a day", "unknown", "one unknown"])
def test_without_a_day_between_nobody_was_first(times: tuple[float | None, float | None]) -> None:
    photos = [photo(seller, name, when) for name in "pqr" for seller, when in zip("sa", times, strict=True)]
    assert roles(networks_of(["s", "a"], photos=photos)) == {"s": "member", "a": "member"}


def test_one_reposted_photo_makes_no_supplier_but_recruiting_agents_with_it_does() -> None:
    photos = [photo("s", "p", 0), photo("a", "p", 5)]
    assert roles(networks_of(["s", "a"], photos=photos)) == {"s": "member", "a": "member"}
    assert roles(networks_of(["s", "a"], photos=photos, recruiters=["s"])) == {"s": "supplier", "a": "agent"}
    # Who recruits without having supplied anybody may be an agent himself.
    assert roles(networks_of(["s", "a"], photos=photos, recruiters=["a"])) == {"s": "member", "a": "member"}


def test_who_names_another_as_supplier_is_an_agent() -> None:
    uses = [use("s", "wechat:s_1", "own"), use("s2", "tel:+861", "own")]
    uses += [use("a", "wechat:s_1", "supplier"), use("a", "tel:+861", "supplier"), use("b", "wechat:s_1", "supplier")]
    found = networks_of(["s", "s2", "a", "b"], uses)
    assert roles(found) == {"s": "supplier", "a": "agent", "b": "agent"}
    assert ties(found) == {"as": ["agent"], "bs": ["agent"]}
    # The telephone and the WeChat id beside it are one statement, counted by the rarer.
    assert [row["reasons_text"].splitlines() for row in found["Seller.TIED_TO.Seller"].to_pylist()] == [
        ["seller:a gives the phone number +861, seller:s's own, as its supplier's"],
        ["seller:b gives the WeChat id s_1, seller:s's own, as its supplier's"],
    ]


def test_sharing_a_supplier_from_outside_ties() -> None:
    found = networks_of("abc", [use(a, "tel:+861", "supplier") for a in "abc"])
    assert groups(found) == ["abc"]
    assert set(roles(found).values()) == {"member"}
    assert found["Network"]["reasons"].to_pylist() == [["3 pairs: both name the same supplier"]]


def sellers(count: int) -> list[str]:
    return [f"{number}x" for number in range(count)]


@pytest.mark.parametrize("role", ["courier", "guarantor", "supplier", "platform", "other", "own", "warning"])
def test_a_contact_on_hundreds_ties_nobody(role: str) -> None:
    uses = [use(account, "tel:+861", role) for account in sellers(200)] + [use("o", "tel:+861", "own")]
    assert groups(networks_of([*sellers(200), "o"], uses)) == []


def test_a_stock_photo_ties_nobody_and_a_shared_one_alone_little() -> None:
    def shown(count: int) -> int:
        found = networks_of(sellers(count), photos=[photo(account, "p") for account in sellers(count)])
        return found["Seller.TIED_TO.Seller"].num_rows

    assert [shown(count) for count in (2, 8, 9, PHOTO_SELLERS, PHOTO_SELLERS + 1, 300)] == [1, 28, 0, 0, 0, 0]


def test_in_a_small_case_what_a_tenth_shows_is_no_rarity() -> None:
    def shown(count: int, idle: int) -> int:
        photos = [photo(account, "p") for account in sellers(count)]
        return networks_of(sellers(count), photos=photos, idle=idle)["Seller.TIED_TO.Seller"].num_rows

    assert [shown(count, 0) for count in (2, 3, 4)] == [1, 0, 0]
    assert [shown(count, 100 - count) for count in (3, 4, 8)] == [3, 0, 0]


def test_a_catalogue_that_many_show_is_little_evidence_until_it_is_large() -> None:
    def ties_of(size: int) -> int:
        photos = [photo(account, str(name)) for name in range(size) for account in sellers(20)]
        return networks_of(sellers(20), photos=photos)["Seller.TIED_TO.Seller"].num_rows

    assert [ties_of(size) for size in (1, 5, 20)] == [0, 0, 190]


def test_a_warning_is_no_cooperation() -> None:
    uses = [use("r", "wechat:r_1", "own"), use("a", "wechat:r_1", "warning", ads=5), use("b", "wechat:r_1", "warning")]
    assert ties(networks_of("abr", uses)) == {}
    # Nor is the courier's number that he once read like: what most of the ads say holds.
    assert ties(networks_of("abr", [*uses, use("a2", "wechat:r_1", "other", ads=2)])) == {}


def test_one_shared_courier_ties_nobody_and_a_courier_with_a_guarantor_does() -> None:
    courier = [use(a, contact, "courier") for a in "ab" for contact in ("tel:+861", "wechat:c_1", "tel:+862")]
    assert ties(networks_of("ab", courier)) == {}
    found = networks_of("ab", courier + [use(a, "wechat:g_1", "guarantor") for a in "ab"])
    assert ties(found) == {"ab": ["service"]}
    assert [text.splitlines() for text in found["Seller.TIED_TO.Seller"]["reasons_text"].to_pylist()] == [
        [
            "both give the phone number +861 as a courier's (2 sellers do)",
            "both give the WeChat id g_1 as a guarantor's (2 sellers do)",
        ]
    ]


def test_a_guarantor_who_is_a_seller_is_a_broker() -> None:
    uses = [use("g", "wechat:g_1", "own"), use("a", "wechat:g_1", "guarantor"), use("b", "wechat:g_1", "guarantor")]
    found = networks_of("abg", uses)
    assert roles(found) == {"a": "member", "b": "member", "g": "broker"}
    assert ties(found) == {"ag": ["mention"], "bg": ["mention"]}
    why = found["Seller.MEMBER_OF.Network"].to_pylist()[2]["reason"]
    assert why == "guarantor or courier of 2 sellers; tied to 2 sellers of the network"


def test_who_has_ties_into_several_networks_is_a_broker() -> None:
    groups_of_nine = [[f"{name}{letter}" for letter in "abcdefghi"] for name in "pqr"]
    photos = [photo(a, f"{a}{b}") for group in groups_of_nine for a in group for b in group if a < b]
    photos += [photo(b, f"{a}{b}") for group in groups_of_nine for a in group for b in group if a < b]
    photos += [photo("pa", "1"), photo("qa", "1"), photo("pa", "2"), photo("ra", "2")]
    found = networks_of([a for group in groups_of_nine for a in group], photos=photos)
    assert [len(group) // 2 for group in groups(found)] == [9, 9, 9]
    assert [seller for seller, role in roles(found).items() if role == "broker"] == ["pa"]
    assert "has ties to 2 other networks" in found["Seller.MEMBER_OF.Network"].to_pylist()[0]["reason"]


def test_who_is_meant_by_a_contact_of_several_owners_is_told_by_time() -> None:
    uses = [use("o", "tel:+861", "own", 0, 50), use("p", "tel:+861", "own", 200, 300)]
    assert ties(networks_of("aop", [*uses, use("a", "tel:+861", "supplier", 190, 195)])) == {"ap": ["agent"]}
    assert ties(networks_of("aop", [*uses, use("a", "tel:+861", "supplier", 10, 20)])) == {"ao": ["agent"]}
    # Nobody owned it then; both did; nobody knows when.
    assert ties(networks_of("aop", [*uses, use("a", "tel:+861", "supplier", 120, 125)])) == {}
    assert ties(networks_of("aop", [*uses, use("a", "tel:+861", "supplier", 10, 250)])) == {}
    assert ties(networks_of("aop", [*uses, use("a", "tel:+861", "supplier", None, None)])) == {}
    assert ties(networks_of("ao", [uses[0], use("a", "tel:+861", "supplier", None, None)])) == {"ao": ["agent"]}


def test_a_number_that_passed_on_does_not_tie_its_owners() -> None:
    first, photos = use("o", "tel:+861", "own", 0, 50), [photo(seller, "p") for seller in sellers(12) + ["o", "p"]]

    def tie(*second: Row) -> list[str] | None:
        return ties(networks_of([*sellers(12), "o", "p"], [first, *second], photos)).get("op")

    assert tie(use("p", "tel:+861", "own", 51, 300)) is None
    assert tie(use("p", "tel:+861", "own", 40, 300)) == ["contact", "photo"]
    assert tie(use("p", "tel:+861", "own", 40, 300, sure=0.3)) is None
    # At one time or not, alone it is not enough.
    assert ties(networks_of("op", [first, use("p", "tel:+861", "own", 40, 300)])) == {}


def test_accounts_of_one_seller_are_not_tied() -> None:
    uses = [use("a", "tel:+861", "own"), use("a2", "tel:+861", "supplier")]
    found = networks_of(["a", "a2"], uses, [photo("a", "p"), photo("a2", "p")])
    assert [rows.num_rows for rows in found.values()] == [0, 0, 0]


def test_a_supplier_keeps_as_many_agents_as_may_name_it() -> None:
    agents = sellers(CONTACT_SELLERS - 1)
    uses = [use("s", "tel:+861", "own"), *(use(agent, "tel:+861", "supplier") for agent in agents)]
    assert networks_of([*agents, "s"], uses)["Network"]["sellers"].to_pylist() == [CONTACT_SELLERS]


def some_market() -> tuple[list[str], list[Row], list[Row], list[str]]:
    dice = random.Random(7)
    accounts = [f"{name}{number}" for name in sellers(200) for number in ("", "2")]
    drawn_roles = ["own", "supplier", "courier", "guarantor", "other", "warning"]
    starts = [dice.randrange(99) for _ in range(300)]
    uses = [
        use(
            dice.choice(accounts),
            f"tel:+86{dice.randrange(250)}",
            dice.choice(drawn_roles),
            start,
            start + 20,
            ads=start % 5,
        )
        for start in starts
    ]
    photos = [photo(dice.choice(accounts), str(dice.randrange(120)), dice.randrange(99)) for _ in range(150)]
    return accounts, uses, photos, dice.sample(accounts, 9)


def test_order_of_input_does_not_matter_and_a_second_run_gives_the_same() -> None:
    accounts, uses, photos, recruiters = some_market()
    first = networks_of(accounts, uses, photos, recruiters)
    assert first["Network"].num_rows > 2
    turned = networks_of(accounts[::-1], uses[::-1], photos[::-1], recruiters[::-1])
    again = networks_of(accounts, uses, photos, recruiters)
    for name, rows in first.items():
        assert rows.equals(turned[name]), name
        assert rows.equals(again[name]), name


def test_a_network_keeps_its_id_when_sellers_come_and_go() -> None:
    photos = [photo(seller, "p") for seller in "bcd"]
    before = networks_of("bcd", photos=photos)
    earlier = {row["src"]: row["dst"] for row in before["Seller.MEMBER_OF.Network"].to_pylist()}
    after = networks_of("abcd", photos=[*photos[1:], photo("a", "p"), photo("b", "q")], earlier=earlier)
    assert groups(after) == ["acd"]
    assert after["Network"]["id"].to_pylist() == before["Network"]["id"].to_pylist()
    assert networks_of("acd", photos=[*photos[1:], photo("a", "p")])["Network"]["id"] != before["Network"]["id"]


def test_nothing_gives_empty_tables_with_the_columns() -> None:
    found = networks_of([])
    assert {name: rows.num_rows for name, rows in found.items()} == {
        "Network": 0,
        "Seller.MEMBER_OF.Network": 0,
        "Seller.TIED_TO.Seller": 0,
    }
    assert found["Network"].column_names == ["id", "sellers", "reasons", "run_id"]
    assert networks_of("ab", [use("a", "tel:+861", "own")], [photo("a", "p")])["Network"].num_rows == 0


# From the graph


def rows(*values: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(values))


@pytest.fixture
def graph(store: GraphStore) -> GraphStore:
    names = {"a": "a", "b": None, "c": "c", "d": "老王", "e": "e"}
    claims = [["recruiting"], ["wild"], ["captive_bred", "recruiting"], ["recruiting", "wild"], None]
    ads = [
        {
            "id": f"xianyu|{n}",
            "platform": "xianyu",
            "account_id": f"xianyu|{'abcde'[n]}",
            "claims": claimed,
            "seen_at": day(n),
        }
        for n, claimed in enumerate(claims)
    ] + [{"id": "xianyu|9", "platform": "xianyu", "account_id": None, "claims": ["recruiting"], "seen_at": None}]
    store.write(
        {
            "Account": rows(
                *({"id": f"xianyu|{name}", "platform": "xianyu", "name": called} for name, called in names.items())
            ),
            "Ad": rows(*ads),
            "Image": rows(*({"id": f"sha256:{n}"} for n in range(4))),
            "Photo": rows(
                {"id": "photo:00", "weak": False}, {"id": "photo:ff", "weak": None}, {"id": "photo:a1", "weak": True}
            ),
            "Image.COPY_OF.Photo": rows(
                *({"src": f"sha256:{n}", "dst": f"photo:{name}"} for n, name in enumerate(("00", "00", "ff", "a1")))
            ),
            "Ad.SHOWS.Image": rows(
                *({"src": f"xianyu|{ad}", "dst": f"sha256:{image}", "position": image}
                  for ad, image in ((0, 0), (0, 1), (1, 1), (2, 2), (3, 3), (9, 0)))
            ),
        }
    )  # fmt: skip
    return store


def test_recruiters_are_read_from_what_ads_claim(graph: GraphStore) -> None:
    assert read_recruiters(graph)["account"].to_pylist() == ["xianyu|a", "xianyu|c", "xianyu|d"]


def test_photos_are_read_without_weak_ones_in_any_number_of_parts(
    graph: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_photos(graph)
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("xianyu|a", "photo:00", day(0), 1),
        ("xianyu|b", "photo:00", day(1), 1),
        ("xianyu|c", "photo:ff", day(2), 1),
    ]
    monkeypatch.setattr(networks, "SHOWN_AT_ONCE", 2)
    assert read_photos(graph).equals(found)


def test_an_empty_graph_is_read_too(store: GraphStore) -> None:
    assert (read_photos(store).num_rows, read_recruiters(store).num_rows, read_networks(store)) == (0, 0, {})


def test_what_was_found_is_written_and_read_back(store: GraphStore) -> None:
    found = networks_of(["s", "a", "b"], photos=[photo("s", "p"), photo("a", "p", 3), photo("b", "p", 4)])
    store.write({"Seller": rows(*({"id": f"seller:{name}", "name": name} for name in "sab"))})
    store.replace(found)
    assert set(read_networks(store)) == {"seller:s", "seller:a", "seller:b"}
    for name, table_ in found.items():
        stored = store.read_all(name).select(table_.column_names)
        assert stored.to_pylist() == table_.to_pylist(), name
