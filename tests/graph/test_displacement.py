"""Accounts that stopped and came back, on both stores and against the definition taken word by word."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graph.displacement import find_returns, read_displacement, survival
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

RETURNS = (
    "account_id", "platform", "last_ad", "new_account_id", "new_platform", "first_ad", "days", "via", "carriers",
    "captions", "same_seller", "seller_id", "new_seller_id", "chain", "step", "direct", "last_ad_id", "first_ad_id",
)  # fmt: skip
START = datetime(2018, 1, 1, 4)
TEL, WX, CODE = "tel:+8613800138000", "wechat:demo_1", "qr:0123456789abcdef"


def _rows(values: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for value in values for name in value)
    return pa.Table.from_pylist([{name: value.get(name) for name in names} for value in values])


class World:
    """Accounts by the days on which they post, and what ties them; written to a store in one go."""

    def __init__(self) -> None:
        self.ads = list[dict[str, Any]]()
        self.contacts = list[tuple[str, str, str]]()
        self.photos = list[tuple[str, str]]()
        self.uses = list[dict[str, Any]]()
        self.runs = dict[str, str]()

    def account(self, name: str, *days: float, contacts: tuple[str, ...] = (), photos: tuple[str, ...] = ()) -> str:
        platform = name.partition("|")[0]
        for number, day in enumerate(days):
            seen = START + timedelta(days=day)
            self.ads.append({"id": f"{name}/{number}", "platform": platform, "account_id": name, "seen_at": seen})
        self.contacts += [(f"{name}/0", contact, "own") for contact in contacts]
        self.photos += [(f"{name}/0", photo) for photo in photos]
        return name

    def owns(self, account: str, contact: str, turn: int = 1, role: str = "own") -> None:
        self.uses.append({"src": account, "dst": contact, "tenure": turn, "role": role})

    def write(self, store: GraphStore) -> None:
        accounts = sorted({ad["account_id"] for ad in self.ads if ad["account_id"]})
        photos = sorted({photo for _, photo in self.photos})
        sellers = sorted(set(self.runs.values()))
        tables = {
            "Account": _rows([{"id": a, "platform": a.partition("|")[0]} for a in accounts]),
            "Ad": _rows(self.ads),
            "Phone": _rows([{"id": TEL, "kind": "mobile"}, {"id": "tel:4008001234", "kind": "hotline"}]),
            "Handle": _rows([{"id": WX, "service": "wechat"}, {"id": "qq_group:123456", "service": "qq_group"}]),
            "QRCode": _rows([{"id": CODE, "kind": "wechat_friend"}, {"id": "qr:shop", "kind": "shop"}]),
            "Photo": _rows(
                [{"id": photo, "weak": photo.startswith("photo:weak")} for photo in photos] or [{"id": "p"}]
            ),
            "Image": _rows([{"id": f"sha256:{photo}"} for photo in photos] or [{"id": "i"}]),
            "Seller": _rows([{"id": seller} for seller in sellers] or [{"id": "seller:none"}]),
            "Image.COPY_OF.Photo": _rows([{"src": f"sha256:{photo}", "dst": photo} for photo in photos]),
            "Ad.SHOWS.Image": _rows([{"src": ad, "dst": f"sha256:{p}", "position": n} for n, (ad, p) in self._shown()]),
            "Account.RUN_BY.Seller": _rows([{"src": a, "dst": s} for a, s in self.runs.items()]),
        }
        for label, start in (("Phone", "tel:"), ("QRCode", "qr:"), ("Handle", ("wechat:", "qq_group:"))):
            said = [(ad, c, role) for ad, c, role in self.contacts if c.startswith(start)]
            tables[f"Ad.MENTIONS.{label}"] = _rows([_mention(n, *one) for n, one in enumerate(said)])
            tables[f"Account.USES.{label}"] = _rows([use for use in self.uses if use["dst"].startswith(start)])
        store.write({name: table for name, table in tables.items() if table.num_rows})

    def _shown(self) -> list[tuple[int, tuple[str, str]]]:
        return list(enumerate(self.photos))


def _mention(number: int, ad: str, contact: str, role: str) -> dict[str, Any]:
    return {"src": ad, "dst": contact, "role": role, "place": "text", "span_start": number, "span_end": number + 1}


def _pairs(found: pa.Table) -> list[tuple[str, str, int, str]]:
    return [(r["account_id"], r["new_account_id"], r["days"], r["via"]) for r in found.to_pylist()]


@pytest.fixture
def chain(store: GraphStore) -> GraphStore:
    """Before a resolution: a on xianyu stops and comes back as b on weibo, b as c; d shows nothing of theirs."""
    world = World()
    world.account("xianyu|a", 0, 10, contacts=(TEL, CODE))
    world.account("weibo|b", 15, 50, contacts=(TEL, WX, CODE))
    world.account("weibo|c", 90, 200, contacts=(WX,), photos=("photo:1",))
    world.account("weibo|d", 0, 20, 160, contacts=("tel:4008001234", "qq_group:123456", "qr:shop"))
    world.account("xianyu|e", 20, 300, contacts=("tel:4008001234", "qq_group:123456", "qr:shop"))
    world.account("weibo|f", 240, photos=("photo:1",))
    world.account("xianyu|g", 295, contacts=(TEL,))
    world.write(store)
    return store


def test_a_return_says_when_where_and_by_what(chain: GraphStore) -> None:
    found = find_returns(chain)
    assert tuple(found.column_names) == RETURNS
    first = found.to_pylist()[0]
    assert first == {
        "account_id": "xianyu|a",
        "platform": "xianyu",
        "last_ad": START + timedelta(days=10),
        "new_account_id": "weibo|b",
        "new_platform": "weibo",
        "first_ad": START + timedelta(days=15),
        "days": 5,
        "via": "contact, qr",
        "carriers": [CODE, TEL],
        "captions": ["WeChat friend code", "+86 138 0013 8000"],
        "same_seller": None,
        "seller_id": None,
        "new_seller_id": None,
        "chain": "xianyu|a",
        "step": 1,
        "direct": True,
        "last_ad_id": "xianyu|a/1",
        "first_ad_id": "weibo|b/0",
    }


def test_a_chain_of_returns_is_seen_as_one(chain: GraphStore) -> None:
    # Hotlines, groups and shop codes join nobody; c's photograph on f is a return, and no link of a chain.
    found = find_returns(chain).to_pylist()
    assert [(r["account_id"], r["new_account_id"], r["chain"], r["step"], r["direct"]) for r in found] == [
        ("xianyu|a", "weibo|b", "xianyu|a", 1, True),
        ("xianyu|a", "xianyu|g", "xianyu|a", 2, False),
        ("weibo|b", "weibo|c", "xianyu|a", 2, True),
        ("weibo|b", "xianyu|g", "xianyu|a", 2, True),
        ("weibo|c", "weibo|f", None, None, None),
    ]
    assert find_returns(chain, limit=2).num_rows == 2
    assert [row["new_account_id"] for row in find_returns(chain, within=5).to_pylist()] == ["weibo|b"]
    # f is the last that is seen of weibo, 40 days after c.
    assert "weibo|c" not in {row["account_id"] for row in find_returns(chain, quiet=41).to_pylist()}


@pytest.mark.parametrize(
    ("turns", "roles", "expected"),
    [
        ((1, 1), ("own", "own"), [("xianyu|a", "weibo|b", 5, "contact")]),
        ((1, 2), ("own", "own"), []),  # the number passed to somebody else
        ((1, 1), ("own", "courier"), []),
        ((1, 1), ("guarantor", "guarantor"), []),
    ],
)
def test_after_a_resolution_owners_and_their_turns_decide(
    store: GraphStore, turns: tuple[int, int], roles: tuple[str, str], expected: list[Any]
) -> None:
    world = World()
    for name, days, turn, role in zip(("xianyu|a", "weibo|b"), ((0, 10), (15, 50)), turns, roles, strict=True):
        world.owns(world.account(name, *days, contacts=(TEL,)), TEL, turn, role)
        world.runs[name] = f"seller:{turn}"
    world.account("xianyu|later", 100)
    world.write(store)
    found = find_returns(store)
    assert _pairs(found) == expected
    assert found["same_seller"].to_pylist() == [True] * len(expected)


def test_who_came_after_the_resolution_has_the_last_turn(store: GraphStore) -> None:
    world = World()
    for turn, (name, days) in enumerate((("xianyu|a", (0, 10)), ("weibo|b", (15, 50))), start=1):
        world.owns(world.account(name, *days), TEL, turn)
        world.runs[name] = f"seller:{turn}"
    world.account("xianyu|new", 100, contacts=(TEL,))
    world.account("weibo|later", 200)
    world.write(store)
    found = find_returns(store)
    assert _pairs(found) == [("weibo|b", "xianyu|new", 50, "contact")]
    assert found["same_seller"].to_pylist() == [None]


def test_photographs_tell_less_and_say_so(store: GraphStore) -> None:
    world = World()
    for name, days, seller in (("xianyu|a", (0,), 1), ("xianyu|b", (5,), 1), ("xianyu|c", (7, 99), 2)):
        world.runs[world.account(name, *days, photos=("photo:1", "photo:weak"))] = f"seller:{seller}"
    world.write(store)
    found = find_returns(store).to_pylist()
    assert [(r["new_account_id"], r["via"], r["carriers"], r["same_seller"], r["chain"]) for r in found] == [
        ("xianyu|b", "photo", ["photo:1"], True, "xianyu|a"),
        ("xianyu|c", "photo", ["photo:1"], False, None),
        ("xianyu|c", "photo", ["photo:1"], False, None),
    ]
    assert found[0]["captions"] == ["photo:1"]


def test_what_is_on_many_sellers_says_nothing_and_one_sellers_many_accounts_do(store: GraphStore) -> None:
    world = World()
    for number in range(12):
        world.owns(world.account(f"xianyu|a{number:02}", number * 10), TEL)
        world.owns(world.account(f"weibo|a{number:02}", number * 10), WX)
        world.runs |= {f"xianyu|a{number:02}": "seller:1", f"weibo|a{number:02}": f"seller:1{number}"}
    world.write(store)
    found = read_displacement(store, within=10)
    assert {row["carriers"][0] for row in found.returns.to_pylist()} == {TEL}
    # Of the last three nobody can say yet whether they stopped.
    assert [row["step"] for row in found.returns.to_pylist()] == [*range(1, 10)]
    assert [tuple(row.values()) for row in found.hubs.to_pylist()] == [(WX, 1, "contact", 12, 12)]


def test_days_are_local_and_captures_watch_a_platform(store: GraphStore) -> None:
    world = World()
    world.account("xianyu|a", 0, contacts=(TEL,))
    # 19:00 UTC is the next day in Shanghai.
    world.account("weibo|b", 1 + 15 / 24, contacts=(TEL,))
    world.write(store)
    assert find_returns(store).num_rows == 0
    seen = {"platform": "xianyu", "seen_at": START, "captured_at": START + timedelta(days=30)}
    store.write({"Ad": _rows([{"id": "xianyu|nobody", **seen}])})
    assert _pairs(find_returns(store)) == [("xianyu|a", "weibo|b", 2, "contact")]
    assert _pairs(find_returns(store, timezone="UTC")) == [("xianyu|a", "weibo|b", 1, "contact")]
    assert find_returns(store, quiet=31).num_rows == 0


def test_survival_counts_each_platform_and_all(chain: GraphStore) -> None:
    table = survival(chain)
    weibo, xianyu, together = table.to_pylist()
    assert (weibo["platform"], xianyu["platform"], together["platform"]) == ("weibo", "xianyu", None)
    # weibo is watched until day 240: b lasts 36 days, c 111, d 161; f began in its last 30 days.
    assert (weibo["accounts"], weibo["stopped"], weibo["censored"], weibo["median_days"]) == (4, 3, 1, 111)
    assert [weibo[f"survival_{days}"] for days in (30, 90, 180)] == pytest.approx([1, 2 / 3, 0])
    assert (weibo["returned"], weibo["returned_share"], weibo["median_days_until_return"]) == (2, 0.666666667, 40.0)
    assert (xianyu["accounts"], xianyu["stopped"], xianyu["returned"]) == (3, 1, 1)
    assert (together["accounts"], together["stopped"], together["returned"]) == (7, 4, 3)


def test_nothing_in_gives_nothing_out(store: GraphStore) -> None:
    assert find_returns(store).num_rows == 0
    assert tuple(find_returns(store).column_names) == RETURNS
    only = survival(store).to_pylist()
    assert [(row["platform"], row["accounts"], row["survival_30"]) for row in only] == [(None, 0, None)]


@pytest.mark.parametrize("asked", [{"quiet": 0}, {"within": 0}])
def test_days_below_one_are_refused(store: GraphStore, asked: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="quiet and within are days"):
        find_returns(store, **asked)


def _random_world(seed: int) -> World:
    chance, world = random.Random(seed), World()
    contacts, photos = (TEL, WX, CODE), ("photo:1", "photo:2")
    for number in range(chance.randint(4, 14)):
        begin = chance.randint(0, 250)
        days = [begin + chance.randint(0, 60) + chance.choice((0, 0.7)) for _ in range(chance.randint(1, 3))]
        shown = tuple(c for c in contacts if chance.random() < 0.3), tuple(p for p in photos if chance.random() < 0.2)
        world.account(f"{chance.choice(('xianyu', 'weibo'))}|{number}", *days, contacts=shown[0], photos=shown[1])
    return world


def _by_definition(world: World, quiet: int, within: int) -> list[tuple[str, str, int, str]]:
    """Account by account and pair by pair, in Shanghai's days."""
    posts, shown, ends = dict[str, list[datetime]](), dict[str, set[str]](), dict[str, datetime]()
    for ad in world.ads:
        local = ad["seen_at"] + timedelta(hours=8)
        posts.setdefault(ad["account_id"], []).append(local)
        ends[ad["platform"]] = max(local, ends.get(ad["platform"], local))
    for ad_id, carrier, *_ in [*world.contacts, *world.photos]:
        shown.setdefault(ad_id.partition("/")[0], set()).add(carrier)
    found = []
    for old, new in permutations(sorted(posts), 2):
        last, first = max(posts[old]), min(posts[new])
        silence = (ends[old.partition("|")[0]].date() - last.date()).days
        days, both = (first.date() - last.date()).days, shown.get(old, set()) & shown.get(new, set())
        if silence >= quiet and first > last and days <= within and both:
            kinds = {"qr" if c == CODE else "photo" if c.startswith("photo") else "contact" for c in both}
            found.append((last, old, first, new, days, ", ".join(sorted(kinds))))
    return [(old, new, days, via) for _, old, _, new, days, via in sorted(found)]


def test_returns_are_those_of_the_definition(settings: Any) -> None:
    from graph.stores import open_store
    from sellergraph.case import create_case

    told = 0
    for seed in range(12):
        world = _random_world(seed)
        with open_store(create_case(settings.folder.parent / f"random{seed}")) as store:
            world.write(store)
            for quiet, within in ((30, 365), (7, 40)):
                expected = _by_definition(world, quiet, within)
                assert _pairs(find_returns(store, quiet=quiet, within=within)) == expected, (seed, quiet)
                told += len(expected)
    assert told > 50


def test_lifetimes_are_not_overrated(settings: Any) -> None:
    """Lives of 60 days on average that begin all the time, posting daily: the true share is within the interval."""
    from graph.stores import open_store

    chance, world, watched, inside = np.random.default_rng(7), World(), 200, 0
    lives = np.ceil(chance.exponential(60, 3_000)).astype(int)
    begins = chance.integers(0, watched, len(lives))
    for number, (begin, days) in enumerate(zip(begins.tolist(), lives.tolist(), strict=True)):
        last = min(begin + days - 1, watched)
        # Nobody is silent for 30 days before his end.
        world.account(f"xianyu|{number}", *range(begin, last, 20), last)
    with open_store(settings) as store:
        world.write(store)
        row = survival(store).to_pylist()[0]
    for days in (30, 90):
        inside += row[f"low_{days}"] <= np.exp(-days / 60) <= row[f"high_{days}"]
    assert inside == 2
