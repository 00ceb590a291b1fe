"""One row an account with lists by rarity, and which accounts are compared at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest

from resolvers.blocking import CONTACT_MOST, NAME_MOST, NEAR_NAME_MOST, STEM_MOST
from resolvers.evidence import comparisons
from resolvers.model import prior_model
from resolvers.observe import SCHEMAS, Observations
from resolvers.profiles import (
    FEW,
    GOOD,
    KEY_KINDS,
    LONG_LIVED,
    PHOTO_FEW,
    PHOTO_SOME,
    SOME,
    SURE,
    TEMPLATE_MOST,
    WATERMARK_MOST,
    profiles_of,
)
from resolvers.scoring import score
from resolvers.uses import uses_tables
from resolvers.work import decide, work_session

FIRST = datetime(2018, 1, 1)

Rows = dict[str, list[dict[str, Any]]]
Profile = dict[str, Any]


def shop(account: str, contacts: Iterable[str] = (), *, every: int = 7, **more: Any) -> Rows:
    """An account with ten ads that give the contacts as its own.

    `more`: places, names and taxa, taken in turn by its ads; photos, templates, watermarks; others: contact -> role.
    """
    platform, _, login = account.partition("|")
    days = [FIRST + timedelta(days=every * number + more.get("first", 0)) for number in range(10)]
    roles = dict.fromkeys(contacts, "own") | more.get("others", {})
    marks = dict.fromkeys((f"watermark:{mark}" for mark in more.get("watermarks", ())), "own")
    said = [
        {"contact": c, "role": role, "ad": f"{account}-{day}", "seen": day}
        for c, role in (roles | marks).items()
        for day in days
    ]
    names, places, taxa = (more.get(kind) or [None] for kind in ("names", "places", "taxa"))
    return {
        "accounts": [{"account": account, "platform": platform, "login": login, "name": names[0]}],
        "posts": [
            {"account": account, "seen": day, "name": names[n % len(names)], "place": places[n % len(places)]}
            for n, day in enumerate(days)
        ],
        "sightings": [row | {"account": account, "cued": True, "in_name": False} for row in said],
        "goods": [{"account": account, "taxon": taxon, "ads": 10 // len(taxa)} for taxon in taxa if taxon],
        "photos": [{"account": account, "photo": p, "ads": 1, "first_seen": FIRST} for p in more.get("photos", ())],
        "templates": [{"account": account, "bands": [band]} for band in more.get("templates", ())],
        "handles": [{"handle": c, "service": c.split(":")[0], "handle_value": c.split(":")[1]} for c in roles],
    }


def observed(shops: Iterable[Rows]) -> Observations:
    tables: Rows = {name: [] for name in SCHEMAS}
    for each in shops:
        for name, rows in each.items():
            tables[name] += [row for row in rows if row not in tables[name]]
    return Observations(**{name: pa.Table.from_pylist(tables[name], schema=schema) for name, schema in SCHEMAS.items()})


TEL = "tel:+8613800009999"
Pair = tuple[str, str]


def profiled(shops: Iterable[Rows]) -> dict[str, Profile]:
    """Account -> its profile."""
    with work_session(observed(shops).tables()) as db:
        decide(db, None)
        return {row["unique_id"]: row for row in profiles_of(db).to_pylist()}


def compared(shops: Iterable[Rows]) -> tuple[set[Pair], set[tuple[str, int]]]:
    """The pairs that are compared, and what was capped with its number of accounts."""
    with work_session(observed(shops).tables()) as db:
        decide(db, None)
        score(db, prior_model())
        scored = db.sql("SELECT unique_id_l, unique_id_r FROM scored").to_arrow_table().to_pylist()
        capped = db.sql("SELECT kind, accounts FROM capped").fetchall()
        return {tuple(sorted(row.values())) for row in scored}, set(capped)


def sellers(count: int, *contacts: str, **more: Any) -> list[Rows]:
    """Accounts of one operator."""
    looks = {"places": ["昆明"], "names": ["聚宝斋"]} | more
    return [shop(f"forum|{number:03d}", contacts, **looks) for number in range(count)]


def strangers(count: int, prefix: str = "tieba|", **shown: Any) -> list[Rows]:
    """Accounts that have nothing in common but what is said."""
    return [
        shop(
            f"{prefix}{n:04d}",
            [f"wechat:stranger_{n}"],
            **{"names": [_name(n)], "places": [f"{chr(0x5800 + n % 20)}州"]} | shown,
        )
        for n in range(count)
    ]


def _name(number: int) -> str:
    """A name like no other's."""
    return "".join(
        chr(start + number * step) for start, step in ((0x5000, 37), (0x6000, 53), (0x7000, 61), (0x8000, 71))
    )


@pytest.mark.parametrize(
    ("contact", "kind"),
    [(TEL, "number"), ("wechat:ann_123", "handle"), ("qr:0001", "code"), ("mailto:ann@mail.example", "handle")],
)
@pytest.mark.parametrize(
    ("accounts", "lists"),
    [
        (2, {"sure_few", "sure_some", "sure_all", "good", "likely"}),
        (FEW, {"sure_few", "sure_some", "sure_all", "good", "likely"}),
        (FEW + 1, {"sure_some", "sure_all", "good", "likely"}),
        (SOME, {"sure_some", "sure_all", "good", "likely"}),
        (SOME + 1, {"sure_all", "good", "likely"}),
    ],
)
def test_contacts_stand_in_lists_by_rarity(contact: str, kind: str, accounts: int, lists: set[str]) -> None:
    profile = profiled([*sellers(accounts, contact), *strangers(40)])["forum|000"]
    names = ("sure_few", "sure_some", "sure_all", "good", "likely")
    assert {name for name in names if profile[f"{kind}_{name}"]} == lists
    assert not any(profile[f"{other}_{name}"] for other in KEY_KINDS if other != kind for name in names)


def test_how_sure_a_contact_is_the_accounts_own_tells_its_list() -> None:
    clients = [
        shop(f"xianyu|{n}", [f"wechat:c_{n}"], places=[f"{chr(0x5800 + n)}州"], others={TEL: "courier"})
        for n in range(8)
    ]
    shops = [*clients, shop("weibo|runner", [TEL]), *sellers(3, "tel:+8613800000001"), *strangers(5)]
    with work_session(observed(shops).tables()) as db:
        decide(db, None)
        profiles = {row["unique_id"]: row for row in profiles_of(db).to_pylist()}
        uses = [row for table in uses_tables(db).values() for row in table.to_pylist()]
        query = "SELECT account, contact, coded(key) AS good, coded(sure_key) AS sure_all, key AS likely FROM keys"
        keys = {(row["account"], row["contact"]): row for row in db.sql(query).to_arrow_table().to_pylist()}
    for row in (row for row in uses if row["dst"].startswith("tel:")):
        key = keys.get((row["src"], row["dst"]), {})
        for name, least in (("likely", 0.5), ("good", GOOD), ("sure_all", SURE)):
            listed = profiles[row["src"]][f"number_{name}"] or []
            assert (key.get(name) in listed) is (row["own_probability"] >= least)


def test_an_owners_keys_are_not_the_next_owners() -> None:
    first = sellers(2, TEL)
    then = [shop(f"weibo|{n}", [TEL], places=["西安"], names=["代购小屋"], first=400) for n in range(2)]
    found = profiled([*first, *then, *strangers(20)])
    lists = {
        account: set(found[account]["number_likely"]) for account in ("forum|000", "forum|001", "weibo|0", "weibo|1")
    }
    assert lists["forum|000"] == lists["forum|001"] != lists["weibo|0"] == lists["weibo|1"]
    assert not lists["forum|000"] & lists["weibo|0"]


RARE = [
    ("photos", "photos_few", 1, False), ("photos", "photos_few", 2, True), ("photos", "photos_few", PHOTO_FEW, True),
    ("photos", "photos_few", PHOTO_FEW + 1, False), ("photos", "photos_some", PHOTO_FEW + 1, True),
    ("photos", "photos_some", PHOTO_SOME, True), ("photos", "photos_some", PHOTO_SOME + 1, False),
    ("templates", "templates", 1, False), ("templates", "templates", 2, True),
    ("templates", "templates", TEMPLATE_MOST, True), ("templates", "templates", TEMPLATE_MOST + 1, False),
    ("watermarks", "watermarks", 1, False), ("watermarks", "watermarks", WATERMARK_MOST, True),
    ("watermarks", "watermarks", WATERMARK_MOST + 1, False),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "column", "accounts", "listed"), RARE)
def test_what_few_show_is_listed(shown: str, column: str, accounts: int, listed: bool) -> None:
    found = profiled(strangers(accounts, **{shown: ["it"]}))
    assert all(bool(profile[column]) is listed for profile in found.values())


def test_places_goods_and_names() -> None:
    found = profiled(
        [
            shop(
                "a|1",
                places=["云南省 昆明市"] * 9 + ["北京"],
                taxa=["elephant", "rhino"],
                names=["聚宝斋95", "❤聚宝斋"],
            ),
            shop("a|2", places=["昆明", "西安", None, None], names=["木石缘", "木石缘", "海天坊"]),
            shop("a|3"),
        ]
    )
    assert (found["a|1"]["places"], found["a|1"]["all_places"]) == (["云南昆明"], ["云南昆明", "北京"])
    assert (found["a|2"]["places"], sorted(found["a|2"]["all_places"])) == (["昆明", "西安"], ["昆明", "西安"])
    assert found["a|1"]["goods"] == ["elephant", "rhino"]
    assert (found["a|1"]["name"], found["a|1"]["names"]) == ("聚宝斋", ["聚宝斋"])
    assert (found["a|2"]["name"], found["a|2"]["names"]) == ("木石缘", ["木石缘", "海天坊"])
    assert [found["a|3"][column] for column in ("places", "all_places", "goods", "name", "names")] == [None] * 5


def test_a_names_spread_is_counted_in_places() -> None:
    giant = profiled([*sellers(40), *strangers(5)])["forum|000"]
    common = profiled(strangers(15, names=["聚宝斋"]))["tieba|0000"]
    assert (giant["name_accounts"], giant["name_spread"]) == (40, 1)
    assert (common["name_accounts"], common["name_spread"]) == (15, 15)


def test_when_an_account_was_active() -> None:
    profile = profiled([shop("a|1", every=3)])["a|1"]
    assert (profile["ads"], profile["days"]) == (10, 10)
    assert (profile["first_seen"], profile["last_seen"]) == (FIRST, FIRST + timedelta(days=27))


def test_an_account_without_advertisements_has_a_row() -> None:
    silent = {"accounts": [{"account": "a|1", "platform": "a", "login": "1"}]}
    profile = profiled([silent, *strangers(2)])["a|1"]
    assert (profile["ads"], profile["first_seen"], profile["number_likely"]) == (0, None, None)


@pytest.mark.parametrize(("days", "long"), [(LONG_LIVED - 6, False), (LONG_LIVED + 3, True)])
def test_long_lived_contacts(days: int, long: bool) -> None:
    profile = profiled([shop("a|1", [TEL], every=days // 9), *strangers(3)])["a|1"]
    assert profile["own_contacts"] == ([TEL] if long else None)


def test_contacts_of_others_are_known_as_such() -> None:
    quoting = shop("a|1", ["wechat:ann_123"], others={TEL: "warning", "qq:5550001": "supplier"})
    profile = profiled([quoting, shop("b|2", [TEL]), shop("c|3", ["qq:5550001"])])["a|1"]
    assert profile["warned_of"] == [TEL]
    assert sorted(profile["not_own"]) == ["qq:5550001", TEL]


@pytest.mark.parametrize(
    ("one", "other", "stem"),
    [("ivory_king1", "IvoryKing22", "ivoryking"), ("king1", "king2", None), ("88881", "88882", None)],
)
def test_logins_without_digits_and_signs(one: str, other: str, stem: str | None) -> None:
    found = profiled([shop(f"a|{one}"), shop(f"b|{other}")])
    assert {profile["stem"] for profile in found.values()} == {stem}


def test_profiles_have_all_that_comparisons_look_at() -> None:
    columns = profiled(strangers(2))["tieba|0000"]
    assert {column for comparison in comparisons() for column in comparison.columns} <= set(columns)


MEET: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("contact", {"contacts": [TEL]}, {"contacts": [TEL]}, True),
    ("one contact in two forms", {"contacts": [TEL]}, {"contacts": ["wechat:13800009999"]}, True),
    ("code", {"contacts": ["qr:1"]}, {"contacts": ["qr:1"]}, True),
    ("login", {"contacts": ["weibo:b"]}, {}, True),
    ("photograph", {"photos": ["p"]}, {"photos": ["p"]}, True),
    ("template", {"templates": ["t"]}, {"templates": ["t"]}, True),
    ("watermark", {"watermarks": ["w"]}, {"watermarks": ["w"]}, True),
    ("name", {"names": ["聚宝斋"]}, {"names": ["聚宝斋"]}, True),
    ("name written otherwise", {"names": ["聚宝斋"]}, {"names": ["❤聚寶齋❤ 95"]}, True),
    ("name that sounds the same", {"names": ["御紫艺品"]}, {"names": ["玉紫艺品"]}, True),
    ("name in other letters", {"names": ["御紫艺品"]}, {"names": ["yuziyipin"]}, True),
    ("name with a slip", {"names": ["ivory house"]}, {"names": ["ivory hause"]}, True),
    ("name with a character more", {"names": ["御紫艺品"]}, {"names": ["御紫艺品馆"]}, True),
    ("another name", {"names": ["御紫艺品"]}, {"names": ["聚宝斋"]}, False),
    ("another contact", {"contacts": [TEL]}, {"contacts": ["tel:+8613800009998"]}, False),
    ("place alone", {"places": ["昆明"]}, {"places": ["昆明"]}, False),
    ("goods alone", {"taxa": ["elephant"]}, {"taxa": ["elephant"]}, False),
    ("somebody else's contact", {"others": {TEL: "courier"}}, {"others": {TEL: "courier"}}, False),
]


@pytest.mark.parametrize(("one", "other", "meet"), [case[1:] for case in MEET], ids=[case[0] for case in MEET])
def test_who_is_compared(one: dict[str, Any], other: dict[str, Any], meet: bool) -> None:
    pairs, _ = compared([shop("xianyu|a", **one), shop("weibo|b", **other), *strangers(10)])
    assert (("weibo|b", "xianyu|a") in pairs) is meet
    assert not any(account.startswith("tieba") for pair in pairs for account in pair)


@pytest.mark.parametrize("accounts", [2, 40, CONTACT_MOST])
def test_a_giants_accounts_all_meet(accounts: int) -> None:
    pairs, _ = compared([*sellers(accounts, TEL), *strangers(20)])
    assert len(pairs) == accounts * (accounts - 1) / 2


@pytest.mark.xfail(strict=True, reason="contact, name and place of more than 60 accounts are all capped: nobody meets")
def test_a_larger_giants_accounts_still_meet() -> None:
    pairs, _ = compared([*sellers(CONTACT_MOST + 1, TEL), *strangers(20)])
    assert {account for pair in pairs for account in pair} == {f"forum|{n:03d}" for n in range(CONTACT_MOST + 1)}


CAPPED = [
    ("name", {"names": ["聚宝斋"]}, NAME_MOST),
    ("photograph", {"photos": ["stock"]}, PHOTO_SOME),
    ("template", {"templates": ["usual"]}, TEMPLATE_MOST),
    ("watermark", {"watermarks": ["site"]}, WATERMARK_MOST),
]


@pytest.mark.parametrize(("kind", "shown", "most"), CAPPED)
def test_what_too_many_share_compares_nobody_and_is_recorded(kind: str, shown: dict[str, list[str]], most: int) -> None:
    pairs, capped = compared(strangers(most, **shown))
    assert (len(pairs), capped) == (most * (most - 1) / 2, set())
    pairs, capped = compared(strangers(most + 1, **shown))
    assert pairs == set() or kind == "name"
    assert (kind, most + 1) in capped


@pytest.mark.parametrize(("accounts", "meet"), [(STEM_MOST, True), (STEM_MOST + 1, False)])
def test_ids_alike_compare_few(accounts: int, meet: bool) -> None:
    pairs, _ = compared(strangers(accounts, prefix="tieba|antiques"))
    assert bool(pairs) is meet


def test_a_name_of_one_place_is_compared_there() -> None:
    """Where too many go by a name, those of one place still meet."""
    pairs, capped = compared(strangers(NAME_MOST + 20, names=["聚宝斋"]))
    assert ("name", NAME_MOST + 20) in capped
    assert pairs == {
        (f"tieba|{a:04d}", f"tieba|{b:04d}") for a, b in combinations(range(NAME_MOST + 20), 2) if a % 20 == b % 20
    }


def test_near_names_of_many_compare_nobody() -> None:
    many = [shop(f"tieba|{n:04d}", names=[f"ivory house {chr(97 + n)}x"]) for n in range(26)]
    assert len(compared(many)[0]) < 26 * 25 / 2 / 2
    assert len(many) > 2 * NEAR_NAME_MOST


def test_pairs_grow_with_the_accounts() -> None:
    def pairs(count: int) -> int:
        return len(
            compared(
                [
                    shop(
                        f"a|{n:04d}",
                        [f"wechat:w_{n // 3}"],
                        names=[_name(n // 3)],
                        photos=[f"p{n // 30}"],
                    )
                    for n in range(count)
                ]
            )[0]
        )

    assert pairs(600) == pytest.approx(2 * pairs(300), rel=0.1)
