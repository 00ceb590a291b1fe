"""Chains of hops, against their definition walked in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from graph.chains import best_paths, paths_between
from graph.facts import ACCOUNTS, ADS, OFFERS, PLATFORMS, RUNS, SELLERS, TAXA, Facts
from graph.hops import Hops
from graph.market import Market
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

HOPS = pa.schema(
    [("ad", pa.int64())]
    + [(name, pa.string()) for name in ("ad_id", "from_platform", "account_id", "seller_id")]
    + [("seen_at", pa.timestamp("us"))]
    + [(name, pa.string()) for name in ("to_platform", "carrier", "carrier_kind", "to_account", "picture")]
    + [("protection", pa.float64())]
)
APPS = {"moments": "chat"}


def market_of(hops: list[dict[str, Any]], runs: dict[str, str]) -> Market:
    platforms = sorted({*(h["from_platform"] for h in hops), *(h["to_platform"] for h in hops), "moments", "chat"})
    accounts = sorted({h["account_id"] for h in hops} | {h["to_account"] for h in hops if h["to_account"]} | set(runs))
    ads = sorted({h["ad_id"] for h in hops})
    kinds = pa.Table.from_pylist(
        [
            {"platform": p, "name": p.upper(), "kind": f"kind of {APPS.get(p, p)}", "within": APPS.get(p)}
            for p in platforms
        ],
        schema=PLATFORMS.schema,
    )
    rows = [{"account_id": a, "platform": a.partition("|")[0]} for a in accounts]
    facts = Facts(
        ads=pa.Table.from_pylist([{"ad_id": ad, "wild": False} for ad in ads], schema=ADS.schema),
        runs=pa.Table.from_pylist([{"account_id": a, "seller_id": s} for a, s in runs.items()], schema=RUNS.schema),
        accounts=pa.Table.from_pylist(rows, schema=ACCOUNTS.schema),
        sellers=SELLERS.schema.empty_table(),
        platforms=kinds,
        taxa=TAXA.schema.empty_table(),
        offers=OFFERS.schema.empty_table(),
    )
    nothing = pa.table({})
    return Market(
        facts,
        Hops(pa.Table.from_pylist([h | {"ad": ads.index(h["ad_id"])} for h in hops], schema=HOPS), kinds),
        nothing,
        nothing,
        nothing,
        nothing,
    )


def hop(ad: str, account: str, target: str, day: int | None, **more: Any) -> dict[str, Any]:
    seen = None if day is None else datetime(2018, 1, 1) + timedelta(days=day)
    given = {
        "seller_id": None,
        "carrier": f"c:{ad}",
        "carrier_kind": "handle",
        "to_account": None,
        "picture": None,
        "protection": None,
    }
    source = account.partition("|")[0]
    return (
        given
        | {"ad_id": ad, "from_platform": source, "account_id": account, "to_platform": target, "seen_at": seen}
        | more
    )


def walked(hops: list[dict[str, Any]], runs: dict[str, str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """(platforms, kinds) -> ads at each hop, sellers, chains, by the definition."""
    steps = defaultdict[tuple[Any, ...], dict[str, Any]](dict)
    for h in hops:
        source, target = (APPS.get(h[end], h[end]) for end in ("from_platform", "to_platform"))
        if source == target:
            continue
        operator = runs.get(h["account_id"], h["account_id"])
        named = h["to_account"] and runs.get(h["to_account"], h["to_account"])
        named_from = h["to_account"] and h["to_account"].partition("|")[0]
        named_from = APPS.get(named_from, named_from)
        steps[operator, source, target, h["carrier_kind"], named, named_from].setdefault(h["ad_id"], h["seen_at"])
    found = defaultdict[tuple[Any, ...], dict[str, Any]](
        lambda: {"ads": defaultdict(set), "sellers": set(), "chains": 0}
    )

    def follow(chain: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
        """Every way to take one ad of each step, none before the last one with a time."""
        ways: list[tuple[tuple[str, ...], datetime | None]] = [((), None)]
        for step in chain:
            ways = [
                ((*ads, ad), seen or reached)
                for ads, reached in ways
                for ad, seen in steps[step].items()
                if seen is None or reached is None or seen >= reached
            ]
        return [ads for ads, _ in ways]

    def go(chain: list[tuple[Any, ...]], platforms: tuple[str, ...]) -> None:
        ways = follow(chain)
        if not ways:
            return
        path = found[platforms, tuple(step[3] for step in chain)]
        for ads in ways:
            for place, ad in enumerate(ads):
                path["ads"][place].add(ad)
        path["sellers"] |= {chain[0][0]} if chain[0][0].startswith("seller:") else set()
        path["chains"] += 1
        operator, source = chain[-1][4] or chain[-1][0], chain[-1][5] or chain[-1][2]
        for step in list(steps):
            if len(chain) < 4 and step[:2] == (operator, source) and step[2] not in platforms:
                go([*chain, step], (*platforms, step[2]))

    for step in list(steps):
        go([step], step[1:3])
    return found


def drawn(seed: int) -> tuple[list[dict[str, Any]], dict[str, str]]:
    dice = random.Random(seed)
    platforms = ["site", "video", "chat", "moments", "till", "shop"]
    accounts = [f"{p}|{n}" for p in platforms for n in range(2)]
    runs = {a: f"seller:{dice.randrange(4)}" for a in accounts if dice.random() < 0.8}
    hops = []
    for n in range(dice.randint(1, 40)):
        account = dice.choice(accounts)
        target = dice.choice([p for p in platforms if p != account.partition("|")[0]])
        named = [None, None, *(a for a in accounts if APPS.get(a.partition("|")[0], a.partition("|")[0]) == target)]
        more = {"carrier_kind": dice.choice(["handle", "qr"]), "to_account": dice.choice(named)}
        hops.append(
            hop(f"ad{n:02}", account, target, dice.choice([None, *range(9)]), seller_id=runs.get(account), **more)
        )
    return hops, runs


@pytest.mark.parametrize("seed", range(40))
def test_paths_are_what_the_definition_walks(seed: int) -> None:
    hops, runs = drawn(seed)
    found = {
        (tuple(row["platforms"]), tuple(row["carrier_kinds"])): row
        for row in paths_between(market_of(hops, runs), limit=None).to_pylist()
    }
    expected = walked(hops, runs)
    assert set(found) == set(expected)
    for path, row in found.items():
        wanted = expected[path]
        ads = min(len(each) for each in wanted["ads"].values())
        assert (row["ads"], row["sellers"], row["chains"]) == (ads, len(wanted["sellers"]), wanted["chains"])
        assert len(row["example_ads"]) == len(row["example_carriers"]) == row["hops"] == len(path[1])


def test_a_chain_is_cited_hop_by_hop() -> None:
    hops = [
        hop("v1", "video|1", "chat", 0, to_account="chat|x", carrier="wechat:x"),
        hop("v2", "video|1", "chat", 1, to_account="chat|x", carrier="wechat:x"),
        hop("m1", "moments|2", "till", 5, carrier="qr:1", carrier_kind="payment", picture="sha256:1"),
        # Ended before the video was shown: nobody can have followed it.
        hop("m0", "moments|2", "shop", -5),
    ]
    runs = {"video|1": "seller:a", "chat|x": "seller:b", "moments|2": "seller:b"}
    hops = [given | {"seller_id": runs[given["account_id"]]} for given in hops]
    market = market_of(hops, runs)
    [path] = paths_between(market, start="video", end="kind of till").to_pylist()
    assert path == {
        "rank": 1, "platforms": ["video", "chat", "till"], "carrier_kinds": ["handle", "payment"], "hops": 2, "ads": 1,
        "sellers": 1, "protection": 0.0, "first_ad": datetime(2018, 1, 1), "last_ad": datetime(2018, 1, 6), "chains": 1,
        "named_hops": 1, "example_operators": ["seller:a", "seller:b"], "example_carriers": ["wechat:x", "qr:1"],
        "example_ads": ["v1", "m1"], "example_pictures": [None, "sha256:1"],
    }  # fmt: skip
    assert paths_between(market, start="video", end="shop").num_rows == 0
    assert paths_between(market, start="moments").equals(paths_between(market, start="chat"))
    assert paths_between(market, most_hops=1)["hops"].to_pylist() == [1, 1, 1]


def test_ads_are_cited_in_the_order_in_which_they_can_be_followed() -> None:
    hops = [
        hop("v", "video|1", "chat", 150), hop("w0", "chat|1", "site", 0), hop("w1", "chat|1", "site", 330),
        hop("s0", "site|1", "till", 180), hop("s1", "site|1", "till", 340),
    ]  # fmt: skip
    hops = [given | {"seller_id": "seller:a"} for given in hops]
    runs = {given["account_id"]: "seller:a" for given in hops}
    [path] = paths_between(market_of(hops, runs), start="video", end="till").to_pylist()
    assert path["example_ads"] == ["v", "w1", "s1"]
    assert (path["ads"], path["last_ad"]) == (1, datetime(2018, 1, 1) + timedelta(days=340))
    early = market_of(hops[:4], runs)
    assert paths_between(early, start="video", end="till").num_rows == 0
    assert paths_between(early, start="video", end="site").num_rows == 1


def test_orders_and_ends_that_are_unknown_are_answered() -> None:
    market = market_of([hop("a", "site|1", "chat", 0)], {})
    with pytest.raises(
        UsageError, match="unknown platform 'siet'; did you mean site.*kinds are kind of chat, kind of site"
    ):
        paths_between(market, start="siet")
    with pytest.raises(UsageError, match="no payment code or link was read in this case"):
        paths_between(market, end="payment")
    with pytest.raises(UsageError, match="unknown order 'loud'; there are ads, sellers, protection, recent"):
        paths_between(market, by="loud")


@pytest.mark.parametrize("by", ["ads", "sellers", "protection", "recent"])
def test_paths_come_in_the_order_asked_for(by: Any) -> None:
    hops, runs = drawn(3)
    rows = paths_between(market_of(hops, runs), by=by, limit=None).to_pylist()
    name = {"recent": "last_ad"}.get(by, by)
    values = [row[name] for row in rows if row[name] is not None]
    assert values == sorted(values, reverse=True)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert paths_between(market_of(hops[::-1], runs), by=by, limit=None).to_pylist() == rows


def test_paths_of_a_store(market: GraphStore) -> None:
    found = [(r["platforms"], r["carrier_kinds"], r["ads"], r["sellers"]) for r in best_paths(market).to_pylist()]
    assert found == [
        (["weibo", "wechat"], ["handle"], 2, 2),
        # As much of all: the later one first.
        (["xianyu", "wechat"], ["qr"], 1, 1),
        (["xianyu", "wechat"], ["handle"], 1, 1),
    ]


def test_an_empty_case_has_no_paths(store: GraphStore) -> None:
    assert best_paths(store).num_rows == 0
