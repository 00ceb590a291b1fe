"""Figures of random markets against their definitions, written out in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from graph.concentration import share_of_top
from graph.facts import Facts
from graph.figures.averages import period_averages, yearly_averages
from graph.figures.days import survey_averages, survey_days
from graph.figures.months import new_ads, species_by_month, textless_by_month
from graph.figures.posters import heaviest_posters
from graph.figures.scope import EVERYTHING, Period, Scope
from graph.figures.species import goods_within_days, species_compared, species_shares

Row = dict[str, Any]
PLATFORMS = {"site": "website", "app": "second_hand", "odd": None}
# Two of the leopards' group, one that is in no group.
GOODS = {"leopard/skin": "leopard", "leopard/bone": "leopard", "snow/skin": "snow_leopard", "tiger/bone": "tiger"}
GROUP = {"leopard": "leopard", "snow_leopard": "leopard", "tiger": "tiger"}
FIRST, DAYS = date(2017, 11, 20), 500
SCOPES = [
    EVERYTHING,
    Scope(kind="website"),
    Scope(platform="app", since=date(2018, 1, 15)),
    Scope(kind="second_hand", since=date(2017, 12, 1), until=date(2018, 8, 1)),
    Scope(until=date(2018, 2, 1)),
]
TEXT, DAY = pa.string(), pa.date32()


class Market:
    """Advertisements as plain rows, and the same as facts."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        self.ads = [self._ad(chance, n) for n in range(chance.choice([0, 1, 12, 60]))]
        offers = {
            (ad["ad_id"], k) for ad in self.ads for k in chance.sample(sorted(GOODS), chance.choice([0, 1, 1, 3]))
        }
        self.offers = sorted(offers)
        self.captured = [
            {
                "ad_id": ad["ad_id"],
                "survey_day": FIRST + timedelta(chance.randrange(0, DAYS, 50)),
                "pictures": n,
                "videos": 1,
            }
            for n, ad in enumerate(self.ads)
            if chance.random() < 0.8
        ]

    @staticmethod
    def _ad(chance: Random, number: int) -> Row:
        platform = chance.choice(sorted(PLATFORMS))
        day = None if chance.random() < 0.1 else FIRST + timedelta(chance.randrange(DAYS))
        account = None if chance.random() < 0.1 else f"{platform}|{chance.randrange(6)}"
        seen = datetime.combine(day, datetime.min.time()) if day else None
        return {
            "ad_id": f"{number:03}", "platform": platform, "kind": PLATFORMS[platform], "account_id": account,
            "seller_id": None, "seen_at": seen, "day": day, "textless": chance.random() < 0.3,
        }  # fmt: skip

    @property
    def facts(self) -> Facts:
        names = ("ad_id", "platform", "kind", "account_id", "seller_id")
        fields = (
            [("ad", pa.int64())]
            + [(name, TEXT) for name in names]
            + [
                ("seen_at", pa.timestamp("us")),
                ("day", DAY),
                ("textless", pa.bool_()),
            ]
        )
        taxa = [{"taxon_id": taxon, "name_en": taxon, "name_zh": None} for taxon in GROUP]
        offers = sorted({(ad, GOODS[k]) for ad, k in self.offers})
        platforms = [{"platform": slug, "name": slug, "kind": kind} for slug, kind in PLATFORMS.items()]
        return Facts(
            ads=pa.Table.from_pylist([{"ad": int(ad["ad_id"])} | ad for ad in self.ads], pa.schema(fields)),
            runs=_table([], account_id=TEXT, seller_id=TEXT),
            accounts=_table([], account_id=TEXT, platform=TEXT, name=TEXT),
            sellers=_table([], seller_id=TEXT, name=TEXT),
            platforms=_table(platforms, platform=TEXT, name=TEXT, kind=TEXT),
            taxa=_table(taxa, taxon_id=TEXT, name_en=TEXT, name_zh=TEXT),
            offers=_table([{"ad": int(ad), "taxon_id": taxon} for ad, taxon in offers], ad=pa.int64(), taxon_id=TEXT),
        )

    def chosen(self, scope: Scope) -> list[Row]:
        return [
            ad
            for ad in self.ads
            if scope.kind in (None, ad["kind"])
            and scope.platform in (None, ad["platform"])
            and (scope.since is None or (ad["day"] and ad["day"] >= scope.since))
            and (scope.until is None or (ad["day"] and ad["day"] < scope.until))
        ]

    def species(self, ads: list[Row]) -> Counter[str]:
        ids = {ad["ad_id"] for ad in ads}
        return Counter(group for _, group in {(ad, GROUP[GOODS[k]]) for ad, k in self.offers if ad in ids})


def _table(rows: list[Row], **columns: pa.DataType) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema(list(columns.items())))


def month(day: date) -> date:
    return day.replace(day=1)


def months(market: Market, ads: list[Row], scope: Scope) -> list[date]:
    """From the first to the last month of the scope, or of its ads, as far as the case was watched."""
    days = [ad["day"] for ad in ads if ad["day"]]
    first, last = watched(market)
    if not days and not (scope.since and scope.until):
        return []
    start = max(scope.since, first) if scope.since else min(days)
    return _between(start, min(scope.until - timedelta(1), last) if scope.until else max(days))


def watched(market: Market) -> tuple[date, date]:
    days = [ad["day"] for ad in market.ads if ad["day"]]
    return min(days, default=date.max), max(days, default=date.min)


def _between(first: date, last: date) -> list[date]:
    return sorted({month(first + timedelta(n)) for n in range((last - first).days + 1)})


def same(found: pa.Table, columns: str, expected: list[tuple[Any, ...]]) -> None:
    rows = [tuple(row.values()) for row in found.select(columns.split()).to_pylist()]
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert row == pytest.approx(wanted, nan_ok=False) if None not in wanted else row == wanted


@pytest.fixture(params=range(12))
def market(request: pytest.FixtureRequest) -> Market:
    return Market(request.param)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_months_and_years(market: Market, scope: Scope) -> None:
    ads = market.chosen(scope)
    covered = months(market, ads, scope)
    of_month = Counter(month(ad["day"]) for ad in ads if ad["day"])
    found = new_ads(market.facts, scope)
    same(found, "month ads average", [(m, of_month[m], sum(of_month.values()) / len(covered)) for m in covered])
    counts = [of_month[m] for m in covered]
    marks = ["peak" if n == max(counts) else "lowest" if n == min(counts) else None for n in counts]
    assert found["mark"].to_pylist() == (marks if len(set(counts)) > 1 else [None] * len(counts))
    rows, last = [], None
    for year in sorted({m.year for m in covered}):
        size, n = sum(m.year == year for m in covered), sum(of_month[m] for m in covered if m.year == year)
        rows.append((year, size, n, n / size, 100 * (n / size / last - 1) if last else None))
        last = n / size
    same(yearly_averages(market.facts, scope), "year months ads average", [row[:4] for row in rows])
    changes = yearly_averages(market.facts, scope)["change_percent"].to_pylist()
    assert changes == [None if row[4] is None else pytest.approx(row[4]) for row in rows]


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_species(market: Market, scope: Scope) -> None:
    ads = market.chosen(scope)
    counted = market.species(ads)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    same(species_shares(market.facts, scope), "species ads share", [(s, n, n / counted.total()) for s, n in ranked])
    of_month: dict[date, list[Row]] = {}
    for ad in ads:
        if ad["day"]:
            of_month.setdefault(month(ad["day"]), []).append(ad)
    rows = [(m, s, n, len(of_month[m])) for m in sorted(of_month) for s, n in market.species(of_month[m]).items()]
    rows.sort(key=lambda row: (row[0], -row[2], row[1]))
    same(species_by_month(market.facts, scope), "month species ads month_ads", rows)
    wordless = [
        (m, kind, len(some), sum(ad["textless"] for ad in some), sum(ad["textless"] for ad in some) / len(some))
        for m in sorted(of_month)
        for kind in ("second_hand", "website", None)
        if (some := [ad for ad in of_month[m] if ad["kind"] == kind])
    ]
    same(textless_by_month(market.facts, scope), "month kind ads textless share", wordless)


def test_periods(market: Market) -> None:
    first, second = Period(date(2017, 12, 10), date(2018, 3, 1)), Period(date(2018, 5, 1), date(2018, 12, 2))
    ads = [market.chosen(Scope(since=p.since, until=p.until)) for p in (first, second)]
    opening, closing = watched(market)
    sizes = [len(_between(max(p.since, opening), min(p.until - timedelta(1), closing))) for p in (first, second)]
    averages = [len(each) / size if size else None for each, size in zip(ads, sizes, strict=True)]
    found = period_averages(market.facts, [first, second])
    same(
        found, "months ads average", [(n, len(a), average) for n, a, average in zip(sizes, ads, averages, strict=True)]
    )
    known = averages[0] and averages[1] is not None
    change = pytest.approx(100 * (averages[1] / averages[0] - 1)) if known else None
    assert found["change_percent"].to_pylist() == [None, change]
    before, after = map(market.species, ads)
    rows = [
        (
            s,
            before[s],
            before[s] / before.total() if before else None,
            after[s],
            after[s] / after.total() if after else None,
        )
        for s in sorted({*before, *after}, key=lambda s: (-before[s] - after[s], s))
    ]
    table = species_compared(market.facts, first, second)
    same(table, "species earlier_ads earlier_share later_ads later_share", rows)
    points = [None if row[2] is None or row[4] is None else pytest.approx(100 * (row[4] - row[2])) for row in rows]
    assert table["change_points"].to_pylist() == points


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_posters_and_goods(market: Market, scope: Scope) -> None:
    ads = market.chosen(scope)
    posters = Counter(ad["account_id"] for ad in ads if ad["account_id"])
    ranked = sorted(posters.items(), key=lambda item: (-item[1], item[0]))
    rows, sofar = [], 0
    for rank, (account, n) in enumerate(ranked, 1):
        sofar += n
        days = {ad["day"] for ad in ads if ad["account_id"] == account and ad["day"]}
        rows.append((rank, account, n, n / len(ads), sofar / len(ads), len(days)))
    found = heaviest_posters(market.facts, scope)
    same(found, "rank account_id ads share cumulative active_days", rows)
    assert share_of_top(found, 3) == (rows[:3][-1][4] if rows else 0.0)
    last = scope.until - timedelta(1) if scope.until else max((ad["day"] for ad in ads if ad["day"]), default=FIRST)
    near = {ad["ad_id"] for ad in ads if ad["day"] and last - timedelta(89) <= ad["day"] <= last}
    goods = [{"ad_id": ad, "commodity_id": k, "taxon_id": GOODS[k], "part": k} for ad, k in market.offers]
    table = _table(goods, ad_id=TEXT, commodity_id=TEXT, taxon_id=TEXT, part=TEXT)
    species = market.species([ad for ad in ads if ad["ad_id"] in near])
    offered = Counter(k for ad, k in market.offers if ad in near)
    expected = [(GROUP[GOODS[k]], species[GROUP[GOODS[k]]], k, n) for k, n in offered.items()]
    expected.sort(key=lambda row: (-row[1], row[0], -row[3], row[2]))
    found = goods_within_days(market.facts, table, scope, 90)
    same(found, "species species_ads commodity_id ads", expected)


def test_days_of_a_survey(market: Market) -> None:
    scope = Scope(kind="website", since=date(2018, 1, 1))
    ads = {ad["ad_id"]: ad for ad in market.chosen(Scope(kind="website"))}
    of_day: dict[date, list[Row]] = {}
    for row in market.captured:
        if row["ad_id"] in ads and row["survey_day"] >= date(2018, 1, 1):
            of_day.setdefault(row["survey_day"], []).append(row)
    days = [
        (day, len(rows), sum(row["pictures"] for row in rows), len(rows),
         len({ads[row["ad_id"]]["account_id"] for row in rows} - {None}))
        for day, rows in sorted(of_day.items())
    ]  # fmt: skip
    surveyed = _table(market.captured, ad_id=TEXT, survey_day=DAY, pictures=pa.int64(), videos=pa.int64())
    same(survey_days(market.facts, surveyed, scope), "survey_day ads pictures videos accounts", days)
    years = [
        (year, len(some), sum(row[1] for row in some) / len(some), sum(row[4] for row in some) / len(some))
        for year in (2018, 2019)
        if (some := [row for row in days if row[0].year == year])
    ]
    same(survey_averages(market.facts, surveyed, scope), "year survey_days ads accounts", years)
