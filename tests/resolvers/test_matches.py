"""Compared pairs as rows of the graph: what speaks for and against in words, with bits that add up."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from math import log2
from typing import Any

import pyarrow as pa
import pytest

from graph.lines import MATCH_LINES, as_lists
from resolvers.evidence import comparisons
from resolvers.matches import NEAR, SLIGHT, match_rows, pair_up
from resolvers.model import Model, prior_model
from resolvers.observe import SCHEMAS, Observations
from resolvers.scoring import score
from resolvers.training import with_prior
from resolvers.uses import uses_tables
from resolvers.work import decide, learn, work_session

FIRST = datetime(2018, 1, 1)

Rows = dict[str, list[dict[str, Any]]]
Match = dict[str, Any]


def shop(account: str, contacts: Iterable[str], *, first: int = 0, **more: Any) -> Rows:
    """An account with ten weekly ads that give the contacts as its own.

    `more`: place, name, taxon, photo, template, watermark, url; others: contact -> role of what half of the ads show.
    """
    platform, _, login = account.partition("|")
    days = [FIRST + timedelta(days=first + 7 * number) for number in range(10)]
    roles: Mapping[str, str] = dict.fromkeys(contacts, "own") | more.get("others", {})
    marks = [f"watermark:{more['watermark']}"] if "watermark" in more else []
    said = [(c, role, day) for c, role in roles.items() for day in (days if role == "own" else days[::2])]
    seen = [{"contact": c, "role": role, "cued": True, "ad": f"{account}-{day}", "seen": day} for c, role, day in said]
    seen += [
        {"contact": mark, "role": "own", "cued": False, "ad": f"{account}-{FIRST}", "seen": FIRST} for mark in marks
    ]
    looks = {"name": more.get("name"), "place": more.get("place")}
    return {
        "accounts": [
            {"account": account, "platform": platform, "login": login, "name": looks["name"], "url": more.get("url")}
        ],
        "posts": [{"account": account, "seen": day} | looks for day in days],
        "sightings": [row | {"account": account, "in_name": False} for row in seen],
        "goods": [{"account": account, "taxon": more["taxon"], "ads": 10}] if "taxon" in more else [],
        "photos": [{"account": account, "photo": more["photo"], "ads": 1, "first_seen": FIRST}]
        if "photo" in more
        else [],
        "templates": [{"account": account, "bands": [more["template"]]}] if "template" in more else [],
        "handles": [
            {"handle": c, "service": c.split(":")[0], "handle_value": c.split(":")[1]}
            for c in roles
            if not c.startswith("link:")
        ],
        "links": [{"link": c, "url": c.removeprefix("link:")} for c in roles if c.startswith("link:")],
    }


def observed(shops: Iterable[Rows]) -> Observations:
    tables: Rows = {name: [] for name in SCHEMAS}
    for each in shops:
        for name, rows in each.items():
            tables[name] += [row for row in rows if row not in tables[name]]
    return Observations(**{name: pa.Table.from_pylist(tables[name], schema=schema) for name, schema in SCHEMAS.items()})


TEL, WECHAT = "tel:+861380000{:04d}", "wechat:seller_{:04d}"
ANN, BO = (
    {"place": "昆明", "name": "聚宝斋", "taxon": "elephant"},
    {"place": "西安", "name": "木石缘", "taxon": "pangolin"},
)

WHOLE_AD = {"photo": "p", "template": "t", "watermark": "w"}

# Number of the pair -> its two accounts. Logins have no letters in common, but where ids are compared.
PAIRS: dict[int, tuple[Rows, Rows]] = {
    1: (shop("xianyu|1a", [TEL.format(1)], **ANN), shop("weibo|1b", [TEL.format(1)], **BO)),
    2: (shop("xianyu|2a", [WECHAT.format(2)]), shop("weibo|2b", [WECHAT.format(2)])),
    3: (shop("xianyu|3a", ["qr:0003"]), shop("weibo|3b", ["qr:0003"])),
    4: (shop("xianyu|4a", ["link:https://shop.example/4"]), shop("weibo|4b", ["link:https://shop.example/4"])),
    5: (shop("xianyu|5a", ["weibo:5b"]), shop("weibo|5b", [])),
    6: (
        shop("xianyu|6a", ["link:https://t.example/u/6"]),
        shop("weibo|6b", [], url="http://www.t.example/u/6/"),
    ),
    7: (shop("xianyu|7a", [], name="天工阁", place="兰州"), shop("weibo|7b", [], name="天工阁", place="兰州")),
    8: (
        shop("xianyu|8a", [], name="ivory palace", place="拉萨"),
        shop("weibo|8b", [], name="ivory palaca", place="拉萨"),
    ),
    9: (
        shop("xianyu|9a", [], photo="photo 9"),
        shop("weibo|9b", [], photo="photo 9"),
    ),
    10: (
        shop("xianyu|10a", [TEL.format(10)], template="t10"),
        shop("weibo|10b", [TEL.format(10)], template="t10"),
    ),
    11: (shop("xianyu|redlotus1", []), shop("weibo|red_lotus88", [])),
    12: (shop("xianyu|12a", [TEL.format(12)]), shop("xianyu|12b", [TEL.format(12)], first=70)),
    13: (
        shop("xianyu|13a", [TEL.format(13)], name="顺和堂", place="吉林"),
        shop("weibo|13b", [], name="顺和堂", place="吉林", others={TEL.format(13): "warning"}),
    ),
    14: (
        shop("xianyu|14a", [TEL.format(14)], name="福缘居", place="银川"),
        shop("xianyu|14b", [TEL.format(114)], name="福缘居", place="银川", others={TEL.format(14): "supplier"}),
    ),
    15: (
        shop("xianyu|15a", [], watermark="nine"),
        shop("weibo|15b", [], watermark="nine"),
    ),
}  # fmt: skip
BYSTANDERS = [
    shop(
        f"tieba|{number}{side}",
        [WECHAT.format(5000 + number)],
        place=f"{'东南西北'[number % 4]}昌",
        name=f"云{chr(0x5200 + number)}轩",
    )
    for number in range(40)
    for side in "xy"
]


def listed(rows: pa.Table) -> pa.Table:
    """Rows of the graph with their lines as lists."""
    return as_lists(rows.rename_columns([MATCH_LINES.get(name, name) for name in rows.column_names]))


@cache
def market() -> tuple[dict[int, Match], Model]:
    """The pairs' rows by number, and the model."""
    seen = observed([*(account for pair in PAIRS.values() for account in pair), *BYSTANDERS])
    count = seen.accounts.num_rows
    with work_session(seen.tables()) as db:
        model = with_prior(learn(db, count, decide(db, None)), count)
        score(db, model, least=NEAR)
        pair_up(db, model)
        rows = listed(match_rows(db)).to_pylist()
    ids = {row["accounts"][0]["account"]: number for number, pair in PAIRS.items() for row in pair}
    return {ids[row["src"]]: row for row in rows if ids.get(row["src"], -1) == ids.get(row["dst"], -2)}, model


WORDS = [
    (1, "number", "both give the phone number +8613800000001 (on at most 5 accounts)", 1),
    (1, "place", "places differ: 西安; 昆明", -1),
    (1, "name", "names differ: 木石缘, 聚宝斋", -1),
    (1, "goods", "goods differ: pangolin; elephant", -1),
    (2, "handle", "both give the WeChat id seller_0002 (on at most 5 accounts)", 1),
    (3, "code", "both give the personal QR code qr:0003 (on at most 5 accounts)", 1),
    (4, "page", "both give the page https://shop.example/4", 1),
    (5, "named", "one gives the other's weibo account 5b", 1),
    (6, "named", "one gives the other's page https://t.example/u/6", 1),
    (7, "name", "both go by the name 天工阁 (2 accounts do)", 1),
    (7, "place", "both post from 兰州", 1),
    (7, "login", "ids differ", -1),
    (8, "name", "names are nearly the same: ivory palaca, ivory palace", 1),
    (9, "photos", "both show a photograph that few others show", 1),
    (15, "watermark", "the text nine stands in pictures of both", 1),
    (10, "template", "both write after one template that few others use", 1),
    (11, "login", "ids are alike: red_lotus88, redlotus1", 1),
    (12, "succession", "on xianyu one begins within 45 days of the other's last advertisement", 1),
    (13, "warning", "one warns of the other's phone number +8613800000013", -1),
    (14, "quoted", "one gives the other's phone number +8613800000014 as somebody else's", -1),
    (14, "parallel", "on xianyu at once, each under long-lived contacts of its own", -1),
]


@pytest.mark.parametrize(("pair", "comparison", "words", "sign"), WORDS)
def test_each_piece_is_said_in_words_with_its_bits(pair: int, comparison: str, words: str, sign: int) -> None:
    row = market()[0][pair]
    found = dict(zip(row["comparisons"], zip(row["evidence"], row["weights"], strict=True), strict=True))
    said, bits = found[comparison]
    assert said.startswith(words)
    assert bits * sign >= SLIGHT


def test_every_comparison_is_said_in_some_pair() -> None:
    """But that a contact changed owners: which such pair is likely enough to be kept depends on all else."""
    said = {comparison for _, comparison, _, _ in WORDS}
    assert said == {comparison.name for comparison in comparisons()} - {"handed_on"}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_bits_add_up_to_the_weight(pair: int) -> None:
    """The weight is that of the prior and of all pieces; slight ones are left out."""
    found, model = market()
    row = found[pair]
    prior = log2(model.prior / (1 - model.prior))
    left_out = len(comparisons()) - len(row["weights"])
    assert row["weight"] == pytest.approx(
        prior + sum(row["weights"]), abs=0.02 * len(row["weights"]) + SLIGHT * left_out
    )
    assert row["probability"] == pytest.approx(1 / (1 + 2 ** -row["weight"]))


@pytest.mark.parametrize("pair", PAIRS)
def test_the_strongest_comes_first(pair: int) -> None:
    row = market()[0][pair]
    sizes = [abs(bits) for bits in row["weights"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(row["evidence"]) == len(row["comparisons"]) == len(sizes) == len(set(row["comparisons"]))
    assert all(size >= SLIGHT - 0.005 for size in sizes)


CONTACTS = [
    (1, [TEL.format(1)]), (2, [WECHAT.format(2)]), (3, ["qr:0003"]), (4, ["link:https://shop.example/4"]),
    (5, ["weibo:5b"]), (6, ["link:https://t.example/u/6"]), (7, []), (13, []), (14, []), (15, []),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "contacts"), CONTACTS)
def test_contacts_are_those_that_speak_for_it(pair: int, contacts: list[str]) -> None:
    assert market()[0][pair]["contacts"] == contacts


def test_pairs_that_were_not_joined_are_kept() -> None:
    likely = {number: row["probability"] for number, row in market()[0].items()}
    assert min(likely.values()) >= NEAR
    assert {number for number, probability in likely.items() if probability < 0.9} >= {7, 8, 11, 13, 14, 15}


def test_names_alone_join_nobody_and_own_contacts_do() -> None:
    likely = {number: row["probability"] for number, row in market()[0].items()}
    assert all(likely[number] >= 0.9 for number in (2, 3, 5, 6, 10, 12))
    assert all(likely[number] < 0.9 for number in (7, 8, 11))


def test_source_comes_before_target() -> None:
    assert all(row["src"] < row["dst"] for row in market()[0].values())


def matched(shops: Iterable[Rows]) -> list[Match]:
    seen = observed([*shops, *BYSTANDERS])
    with work_session(seen.tables()) as db:
        model = learn(db, seen.accounts.num_rows, decide(db, None))
        score(db, model, least=NEAR)
        pair_up(db, model)
        return [row for row in listed(match_rows(db)).to_pylist() if not row["src"].startswith("tieba")]


@pytest.mark.parametrize(
    ("accounts", "words"), [(2, "at most 5"), (5, "at most 5"), (6, "at most 30"), (31, "more than 30")]
)
def test_how_rare_a_contact_is(accounts: int, words: str) -> None:
    shops = [shop(f"xianyu|{number}", [TEL.format(1)], **ANN) for number in range(accounts)]
    rows = matched(shops)
    assert len(rows) == accounts * (accounts - 1) / 2
    assert {line for row in rows for line in row["evidence"] if "phone" in line} == {
        f"both give the phone number +8613800000001 (on {words} accounts)"
    }


def test_what_both_show_that_too_many_show_is_said() -> None:
    strangers = [
        shop(f"xianyu|{n}", [WECHAT.format(n)], name="聚宝斋", place=f"{chr(0x5300 + n)}州") for n in range(70)
    ]
    pair = [shop(f"weibo|{side}", [TEL.format(1)], name="聚宝斋", place="昆明") for side in "ab"]
    (row,) = [row for row in matched([*strangers, *pair]) if row["src"].startswith("weibo|")]
    assert row["capped"] == ["name 聚宝斋: on 72 accounts"]
    assert "both go by the name 聚宝斋 (a common one)" in row["evidence"]
    assert row["probability"] > 0.9


ELSEWHERE = ({"place": "昆明", "name": "聚宝斋"}, {"place": "西安", "name": "木石缘"})


def reposted(copied: Iterable[str], looks: tuple[dict[str, str], dict[str, str]]) -> float:
    """How likely an agent is his supplier; both give contacts of their own."""
    shown = {kind: WHOLE_AD[kind] for kind in copied}
    supplier, agent = (shop(f"xianyu|{n}", [WECHAT.format(n)], **shown, **look) for n, look in enumerate(looks))
    return max((row["probability"] for row in matched([supplier, agent])), default=0.0)


@pytest.mark.parametrize("looks", [({}, {}), ELSEWHERE], ids=["nothing known", "elsewhere"])
@pytest.mark.parametrize("copied", [["photo"], ["template"], ["watermark"]])
def test_one_thing_copied_joins_nobody(copied: list[str], looks: tuple[dict[str, str], dict[str, str]]) -> None:
    assert reposted(copied, looks) < 0.9


@pytest.mark.parametrize("copied", [["photo", "watermark"], list(WHOLE_AD)])
def test_whole_advertisements_copied_join_nobody(copied: list[str]) -> None:
    assert reposted(copied, ({}, {})) < 0.9


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_reading_does_not_matter(seed: int) -> None:
    def found(seen: Observations) -> list[Any]:
        with work_session(seen.tables()) as db:
            decide(db, None)
            score(db, prior_model(), least=NEAR)
            pair_up(db, prior_model())
            tables = [listed(match_rows(db)), *uses_tables(db).values()]
            return [table.sort_by([("src", "ascending"), ("dst", "ascending")]).to_pylist() for table in tables]

    seen, chance = (
        observed([*(account for pair in PAIRS.values() for account in pair), *BYSTANDERS]),
        random.Random(seed),
    )
    turned = {name: table.take(_shuffled(table.num_rows, chance)) for name, table in seen.tables().items()}
    assert found(Observations(**turned)) == found(seen)


def _shuffled(count: int, chance: random.Random) -> pa.Array:
    return pa.array(chance.sample(range(count), count), pa.int64())
