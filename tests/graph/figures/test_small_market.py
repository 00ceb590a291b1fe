"""Every figure over a market of a few advertisements, counted by hand, on both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pytest

from graph.figures.catalogue import FIGURES, Asked, Case, find_figure
from graph.figures.scope import CHELONIAN, Period, Scope, species_groups
from graph.figures.species import SEA_TURTLES
from graph.queries import find_query, run_query
from graph.stores import GraphStore
from ingest.lexicon import taxa
from sellergraph.errors import UsageError

# 16:30 UTC is the next day, and here the next month, in Shanghai.
LAST_OF_MARCH, NEXT = datetime(2018, 3, 31, 15, 59), datetime(2018, 3, 31, 16, 30)
ADS = [
    # id, account, posted, captured, textless, claims
    ("xianyu|1", "xianyu|a", LAST_OF_MARCH, NEXT, False, ["recruiting"]),
    ("xianyu|2", "xianyu|a", NEXT, NEXT, False, None),
    ("xianyu|3", "xianyu|b", datetime(2018, 6, 2), datetime(2019, 1, 1), True, []),
    ("reptiles|4", "reptiles|k", datetime(2018, 6, 3), None, False, ["captive_bred", "wild"]),
    ("reptiles|5", None, datetime(2018, 6, 3), None, False, ["elephant_marks", "wild"]),
    ("reptiles|6", "reptiles|k", None, None, False, None),
]
OFFERS = [
    ("xianyu|1", "elephant/ivory"),
    ("xianyu|1", "elephant/skin"),
    ("xianyu|2", "tiger/bone"),
    ("reptiles|4", "golden/live"),
    ("reptiles|5", "mammoth/ivory"),
    ("reptiles|5", "golden/live"),
    ("reptiles|6", "box/live"),
]
TAXA = {"elephant": "I", "tiger": "I", "golden_coin_turtle": "II", "chinese_box_turtle": "II", "mammoth": None}
PARTS = {
    "elephant/ivory": "elephant", "elephant/skin": "elephant", "tiger/bone": "tiger", "mammoth/ivory": "mammoth",
    "golden/live": "golden_coin_turtle", "box/live": "chinese_box_turtle",
}  # fmt: skip


def table(columns: str, *values: tuple[Any, ...]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(columns.split(), value, strict=True)) for value in values])


@pytest.fixture
def small(store: GraphStore) -> GraphStore:
    ads = [(ad, ad.partition("|")[0], *rest, rest[1] or rest[2]) for ad, *rest in ADS]
    accounts = [("xianyu|a", "xianyu", "Ann"), ("xianyu|b", "xianyu", None), ("reptiles|k", "reptiles", "Kay")]
    store.write(
        {
            "Platform": table("id name kind", ("xianyu", "X", "second_hand"), ("reptiles", "R", "live_reptile")),
            "Account": table("id platform name", *accounts),
            "Ad": table("id platform account_id posted_at captured_at textless claims seen_at", *ads),
            "Taxon": table("id name_en name_zh cites", *((taxon, taxon, "名", cites) for taxon, cites in TAXA.items())),
            "Commodity": table("id taxon_id part", *((k, t, k.partition("/")[2]) for k, t in PARTS.items())),
            "Ad.OFFERS.Commodity": table("src dst", *OFFERS),
            "Commodity.OF.Taxon": table("src dst", *PARTS.items()),
            "Image": table("id", ("sha256:1",), ("sha256:2",)),
            "Video": table("id", ("sha256:v",), ("sha256:w",)),
            "Image.FRAME_OF.Video": table("src dst seconds", ("sha256:2", "sha256:v", 1.0)),
            # A picture posted twice is two pictures; a frame is none, but the same bytes posted as a picture are one.
            "Ad.SHOWS.Image": table(
                "src dst position name",
                ("xianyu|1", "sha256:1", 0, "a.png"),
                ("xianyu|1", "sha256:1", 1, None),
                ("xianyu|1", "sha256:2", 2, "v.mp4#t=1"),
                ("xianyu|2", "sha256:2", 0, "v#t=1.png"),
            ),
            "Ad.SHOWS.Video": table("src dst position", ("xianyu|1", "sha256:v", 0), ("xianyu|1", "sha256:w", 1)),
            "Seller": table("id name", ("seller:1", "Ann")),
            "Account.RUN_BY.Seller": table("src dst", ("xianyu|a", "seller:1")),
        }
    )
    return store


MARCH, APRIL, MAY, JUNE = (date(2018, month, 1) for month in (3, 4, 5, 6))
SPRING, WINTER = Period(MARCH, JUNE), Period(JUNE, date(2019, 1, 1))
CASES: list[tuple[str, Asked, str, list[tuple[Any, ...]]]] = [
    (
        "new_ads", Asked(), "month ads average mark",
        [(MARCH, 1, 1.25, None), (APRIL, 1, 1.25, None), (MAY, 0, 1.25, "lowest"), (JUNE, 3, 1.25, "peak")],
    ),
    ("new_ads", Asked(Scope(kind="second_hand", since=date(2018, 3, 31), until=date(2018, 5, 2))),
     "month ads average mark", [(MARCH, 1, 2 / 3, "peak"), (APRIL, 1, 2 / 3, "peak"), (MAY, 0, 2 / 3, "lowest")]),
    ("new_ads", Asked(Scope(kind="second_hand", since=date(2018, 4, 1), until=date(2018, 4, 2))),
     "month ads average mark", [(APRIL, 1, 1.0, None)]),
    ("yearly_averages", Asked(), "year months ads average change_percent", [(2018, 4, 5, 1.25, None)]),
    ("period_averages", Asked(periods=(SPRING, WINTER)), "first_day last_day months ads average change_percent",
     [(MARCH, date(2018, 5, 31), 3, 2, 2 / 3, None), (JUNE, date(2018, 12, 31), 1, 3, 3.0, 350.0)]),
    ("species_shares", Asked(), "species ads share",
     [("chelonian", 3, 0.5), ("elephant", 1, 1 / 6), ("mammoth", 1, 1 / 6), ("tiger", 1, 1 / 6)]),
    ("species_shares", Asked(by="taxon"), "species ads",
     [("golden_coin_turtle", 2), ("chinese_box_turtle", 1), ("elephant", 1), ("mammoth", 1), ("tiger", 1)]),
    ("species_compared", Asked(periods=(SPRING, WINTER)),
     "species earlier_ads earlier_share later_ads later_share change_points",
     [("chelonian", 0, 0.0, 2, 2 / 3, 66.666666667), ("elephant", 1, 0.5, 0, 0.0, -50.0),
      ("mammoth", 0, 0.0, 1, 1 / 3, 33.333333333), ("tiger", 1, 0.5, 0, 0.0, -50.0)]),
    ("species_by_month", Asked(), "month species ads month_ads",
     [(MARCH, "elephant", 1, 1), (APRIL, "tiger", 1, 1), (JUNE, "chelonian", 2, 3), (JUNE, "mammoth", 1, 3)]),
    ("goods_within_days", Asked(days=2), "species species_ads commodity_id ads platforms first_day last_day",
     [("chelonian", 2, "golden/live", 2, 1, date(2018, 6, 2), date(2018, 6, 3)),
      ("mammoth", 1, "mammoth/ivory", 1, 1, date(2018, 6, 2), date(2018, 6, 3))]),
    ("goods_within_days", Asked(Scope(until=date(2018, 4, 2))), "species species_ads commodity_id ads",
     [("elephant", 1, "elephant/ivory", 1), ("elephant", 1, "elephant/skin", 1), ("tiger", 1, "tiger/bone", 1)]),
    ("chelonians", Asked(), "taxon_id ads share cumulative cites",
     [("golden_coin_turtle", 2, 2 / 3, 2 / 3, "II"), ("chinese_box_turtle", 1, 1 / 3, 1.0, "II")]),
    ("survey_days", Asked(), "survey_day ads pictures videos accounts",
     [(date(2018, 4, 1), 2, 3, 2, 1), (date(2019, 1, 1), 1, 0, 0, 1)]),
    ("survey_averages", Asked(),
     "year survey_days ads pictures videos accounts ads_change_percent accounts_change_percent",
     [(2018, 1, 2.0, 3.0, 2.0, 1.0, None, None), (2019, 1, 1.0, 0.0, 0.0, 1.0, -50.0, 0.0)]),
    ("survey_days", Asked(Scope(platform="xianyu", since=date(2018, 4, 2))), "survey_day ads", [(date(2019, 1, 1), 1)]),
    ("heaviest_posters", Asked(), "rank account_id name seller_id ads share cumulative active_days",
     [(1, "reptiles|k", "Kay", None, 2, 1 / 3, 1 / 3, 1), (2, "xianyu|a", "Ann", "seller:1", 2, 1 / 3, 2 / 3, 2),
      (3, "xianyu|b", None, None, 1, 1 / 6, 5 / 6, 1)]),
    ("textless_by_month", Asked(), "month kind ads textless share",
     [(MARCH, "second_hand", 1, 0, 0.0), (APRIL, "second_hand", 1, 0, 0.0), (JUNE, "live_reptile", 2, 0, 0.0),
      (JUNE, "second_hand", 1, 1, 1.0)]),
    ("mammoth_suspects", Asked(), "ad_id account_id", [("reptiles|5", None)]),
    ("mammoth_suspects", Asked(Scope(kind="second_hand")), "ad_id", []),
    ("wild_claims", Asked(), "species account_id name ads all_ads example_ads",
     [("golden_coin_turtle", "reptiles|k", "Kay", 1, 1, ["reptiles|4"]),
      ("golden_coin_turtle", None, None, 1, 1, ["reptiles|5"]), ("mammoth", None, None, 1, 1, ["reptiles|5"])]),
    ("wild_claims", Asked(by="group"), "species account_id ads all_ads",
     [("chelonian", "reptiles|k", 1, 2), ("chelonian", None, 1, 1), ("mammoth", None, 1, 1)]),
    ("recruiting_agents", Asked(), "account_id name seller_id seller_name ads all_ads example_ads",
     [("xianyu|a", "Ann", "seller:1", "Ann", 1, 2, ["xianyu|1"])]),
]  # fmt: skip


def test_every_figure_counts_what_there_is(small: GraphStore) -> None:
    case, wrong = Case(small), {}
    for place, (name, asked, columns, expected) in enumerate(CASES):
        found = find_figure(name).draw(case, asked).select(columns.split()).to_pylist()
        if (rows := [tuple(row.values()) for row in found]) != expected:
            wrong[place, name] = (rows, expected)
    assert not wrong
    assert {name for name, *_ in CASES} == set(FIGURES)


def test_without_advertisements_the_types_are_the_same(small: GraphStore) -> None:
    case = Case(small)
    for name, asked, *_ in CASES:
        found = find_figure(name).draw(case, replace(asked, scope=Scope(until=date(1990, 1, 1))))
        assert found.num_rows == (2 if name == "period_averages" else 0)
        assert found.schema.equals(find_figure(name).draw(case, asked).schema)


def test_an_empty_case_has_figures_of_the_same_columns(store: GraphStore) -> None:
    for name, asked, columns, _ in CASES:
        if asked.scope.kind or asked.scope.platform:
            continue
        found = find_figure(name).draw(Case(store), asked)
        assert set(columns.split()) <= set(found.column_names)
        assert found.num_rows == (2 if name == "period_averages" else 0)


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("species_compared", Asked(periods=(SPRING,)), "needs two periods"),
        ("period_averages", Asked(), "needs periods"),
        ("new_ads", Asked(Scope(kind="second-hand")), "did you mean second_hand"),
        ("survey_days", Asked(Scope(platform="xianju")), "did you mean xianyu"),
    ],
)
def test_what_cannot_be_drawn_is_said(small: GraphStore, name: str, asked: Asked, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find_figure(name).draw(Case(small), asked)


def test_unknown_figures_are_answered_with_the_known() -> None:
    with pytest.raises(UsageError, match="no figure 'figure-1'; there are new_ads, "):
        find_figure("figure-1")
    assert find_figure(" New-Ads ").name == "new_ads"


JUNE_3 = {"since": datetime(2018, 6, 3), "until": datetime(2018, 6, 4)}
DAY_3 = Scope(kind="live_reptile", since=date(2018, 6, 3), until=date(2018, 6, 4))
# query, its parameters, the figure that asks the same, what it is asked for, columns of the query, of the figure
ALIKE: list[tuple[str, dict[str, Any], str, Asked, str, str]] = [
    ("new_ads_by_month", {"kind": "second_hand"}, "textless_by_month", Asked(Scope(kind="second_hand")),
     "month kind ads", "month kind ads"),
    ("textless_by_month", {}, "textless_by_month", Asked(), "month kind ads textless share",
     "month kind ads textless share"),
    ("species_shares", {}, "species_shares", Asked(Scope(since=date(2018, 1, 1)), by="taxon"),
     "species name_en name_zh ads share", "species name_en name_zh ads share"),
    ("species_shares", {"kind": "live_reptile", **JUNE_3}, "species_shares", Asked(DAY_3, by="taxon"),
     "species ads share", "species ads share"),
    ("forum_species_by_month", {"kind": "live_reptile"}, "species_by_month",
     Asked(Scope(kind="live_reptile"), by="taxon"), "month species ads", "month species ads"),
    ("heaviest_posters", {"until": datetime(2018, 6, 3)}, "heaviest_posters", Asked(Scope(until=date(2018, 6, 3))),
     "account name seller ads first_ad last_ad", "account_id name seller_id ads first_ad last_ad"),
    ("species_within_days", {"kind": "live_reptile", **JUNE_3}, "goods_within_days", Asked(DAY_3, days=1, by="taxon"),
     "species part ads platforms", "species part ads platforms"),
    ("chelonians_with_status", {"kind": ""}, "chelonians", Asked(),
     "species scientific_name ads cites red_list national_level status_date",
     "taxon_id scientific_name ads cites red_list national_level status_date"),
    ("mammoth_suspects", {}, "mammoth_suspects", Asked(), "ad_id account platform", "ad_id account_id platform"),
    ("wild_claims", {}, "wild_claims", Asked(), "species account name seller ads first_ad last_ad",
     "species account_id name seller_id ads first_ad last_ad"),
    ("recruiting_agents", {}, "recruiting_agents", Asked(), "platform account name seller ads seller_name",
     "platform account_id name seller_id ads seller_name"),
    ("media_by_day", {"kind": "second_hand"}, "survey_days", Asked(Scope(kind="second_hand")),
     "day ads pictures videos accounts", "survey_day ads pictures videos accounts"),
]  # fmt: skip


def test_queries_answer_what_the_figures_answer_in_utc(small: GraphStore) -> None:
    case, wrong = Case(small, "UTC"), {}
    for place, (query, params, figure, asked, ours, theirs) in enumerate(ALIKE):
        found, drawn = run_query(small, query, **params), find_figure(figure).draw(case, asked)
        rows, expected = (
            [tuple(_day(value) for value in row.values()) for row in table.select(columns.split()).to_pylist()]
            for table, columns in ((found, ours), (drawn, theirs))
        )
        if rows != expected or not rows:
            wrong[place, query] = (rows, expected)
    assert not wrong


def _day(value: object) -> object:
    """Months of queries are times, those of figures days."""
    return value.date() if isinstance(value, datetime) and value.time() == time() else value


def test_the_query_of_chelonians_names_the_taxa_of_the_figure() -> None:
    [named] = [p for p in find_query("chelonians_with_status").parameters if p.name == "taxa"]
    groups = species_groups().to_pylist()
    ours = {row["taxon_id"] for row in groups if row["species"] == CHELONIAN} | set(SEA_TURTLES)
    assert set(named.parse(named.default or "")) == ours


def test_groups_hold_taxa_of_the_lexicon_once() -> None:
    grouped = species_groups()["taxon_id"].to_pylist()
    known = {taxon.id: taxon for taxon in taxa()}
    assert len(set(grouped)) == len(grouped)
    assert set(grouped) <= set(known)
    assert {"mammoth", *SEA_TURTLES} <= set(known)
    # A group that is called like one of its taxa holds it: else two rows would have one name.
    groups = {row["species"]: row["taxon_id"] for row in species_groups().to_pylist() if row["species"] in known}
    assert all(known[group].id in grouped for group in groups)
