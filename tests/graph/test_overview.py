"""The figures of a whole case."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from graph.facts import local_times
from graph.overview import Run, overview
from graph.stores.base import GraphStore


def test_counts_and_period(market: GraphStore) -> None:
    case = overview(market)
    assert (case.counts["Ad"], case.counts["Account"], case.counts["contacts"]) == (8, 3, 3)
    assert (case.first_ad, case.last_ad, case.undated) == (datetime(2018, 3, 1, 20), datetime(2018, 3, 31, 20), 1)
    assert case.counts["sellers"] == 2


def test_the_last_run_tells_its_time(market: GraphStore) -> None:
    assert overview(market).run == Run("resolve:2026-01-02T03:04:05.000006Z", datetime(2026, 1, 2, 3, 4, 5, 6))
    market.write({"Seller": pa.table({"id": ["seller:0c03"], "run_id": ["zzz"]})})
    assert overview(market).run == Run("zzz", None)


def test_months_are_local(market: GraphStore) -> None:
    # 20:00 UTC on 31 March is April in Shanghai.
    assert overview(market).months.to_pylist() == [
        {"month": date(2018, 3, 1), "kind": "second_hand", "ads": 4},
        {"month": date(2018, 3, 1), "kind": "social_media", "ads": 2},
        {"month": date(2018, 4, 1), "kind": "second_hand", "ads": 1},
    ]
    assert [row["ads"] for row in overview(market, "UTC").months.to_pylist()] == [5, 2]


def test_species_and_textless_shares(market: GraphStore) -> None:
    case = overview(market)
    assert [(s["taxon_id"], s["ads"], s["share"], s["sellers"]) for s in case.species.to_pylist()] == [
        ("elephant", 2, 0.25, 2),
        ("tiger", 2, 0.25, 1),
    ]
    assert [(t["kind"], t["ads"], t["share"]) for t in case.textless.to_pylist()] == [
        ("second_hand", 5, 0.0),
        ("social_media", 3, 1.0),
    ]


def test_concentration_by_kind(market: GraphStore) -> None:
    case = overview(market)
    assert case.top10 == 0.875
    assert case.top10_by_kind.to_pylist() == [
        {"kind": "second_hand", "ads": 5, "sellers": 1, "top10": 1.0, "accounts": 1, "top10_accounts": 1.0},
        {
            "kind": "social_media",
            "ads": 3,
            "sellers": 2,
            "top10": pytest.approx(2 / 3),
            "accounts": 2,
            "top10_accounts": pytest.approx(2 / 3),
        },
    ]


def test_an_empty_case_has_an_overview(store: GraphStore) -> None:
    case = overview(store)
    assert case.counts["Ad"] == 0
    assert (case.first_ad, case.run, case.top10, case.months.num_rows) == (None, None, 0.0, 0)


def test_before_resolve_there_is_no_run(unresolved: GraphStore) -> None:
    case = overview(unresolved)
    assert (case.run, case.curve.num_rows) == (None, 0)


@pytest.mark.parametrize(
    ("utc", "zone", "wall"),
    [
        (datetime(2018, 3, 1, 20), "Asia/Shanghai", datetime(2018, 3, 2, 4)),
        (datetime(1988, 7, 1, 0, 0, 0, 1), "Asia/Shanghai", datetime(1988, 7, 1, 9, 0, 0, 1)),
        (datetime(2018, 3, 1, 20, 59), "Asia/Kathmandu", datetime(2018, 3, 2, 2, 44)),
        (datetime(2018, 3, 11, 9, 59, 59), "America/Los_Angeles", datetime(2018, 3, 11, 1, 59, 59)),
        (datetime(2018, 3, 11, 10, 0), "America/Los_Angeles", datetime(2018, 3, 11, 3, 0)),
        (datetime(1969, 12, 31, 23, 59), "UTC", datetime(1969, 12, 31, 23, 59)),
        (datetime(1, 1, 1), "Asia/Shanghai", datetime(1, 1, 1, 8, 5, 43)),
        (datetime(9999, 12, 31), "Asia/Shanghai", datetime(9999, 12, 31, 8)),
        (None, "UTC", None),
    ],
)
def test_wall_clock(utc: datetime | None, zone: str, wall: datetime | None) -> None:
    times = pa.chunked_array([pa.array([utc, None, utc], pa.timestamp("us"))])
    assert local_times(times, zone).to_pylist() == [wall, None, wall]


def test_every_time_gets_the_offset_of_its_own_moment() -> None:
    # Berlin: winter, summer, winter, in no order; the hour that is twice; the place in the column is kept.
    utc = [
        datetime(2018, 7, 1),
        datetime(2018, 1, 1),
        None,
        datetime(2018, 10, 28, 0, 30),
        datetime(2018, 10, 28, 1, 30),
    ]
    wall = [
        datetime(2018, 7, 1, 2),
        datetime(2018, 1, 1, 1),
        None,
        datetime(2018, 10, 28, 2, 30),
        datetime(2018, 10, 28, 2, 30),
    ]
    assert local_times(pa.chunked_array([pa.array(utc, pa.timestamp("us"))]), "Europe/Berlin").to_pylist() == wall
