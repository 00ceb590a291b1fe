"""What the case holds: volume by month, species, ads without text, and how few sellers post most of it."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from graph.overview import Overview
from sellergraph.case import Settings
from views import charts
from views.common import (
    KIND_COLOURS,
    PERCENT,
    UNKNOWN_COLOUR,
    count,
    kind_name,
    local_day,
    percent,
    percents,
    plain,
    run_page,
    say_empty,
)
from views.data import case_overview

SHOWN_SPECIES = 15


def main(settings: Settings) -> None:
    case = case_overview(settings)
    if not case.counts["Ad"]:
        say_empty()
        return
    _figures(case)
    _period(case, settings)
    _months(case)
    left, right = st.columns(2, gap="large")
    with left:
        _species(case)
    with right:
        _textless(case)
    _concentration(case)


def _figures(case: Overview) -> None:
    shown = (
        ("Ads", case.counts["Ad"]),
        ("Different pictures", case.counts["Image"]),
        ("Accounts", case.counts["Account"]),
        ("Sellers", case.counts["sellers"]),
        ("Contacts", case.counts["contacts"]),
        ("Platforms with ads", case.counts["platforms"]),
    )
    for column, (label, number) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, f"{number:,}", border=True)


def _period(case: Overview, settings: Settings) -> None:
    period = f"Ads from {local_day(case.first_ad, settings)} to {local_day(case.last_ad, settings)}"
    undated = f", {count(case.undated, 'ad')} without a date" if case.undated else ""
    st.caption(f"{period}{undated}. {_resolved(case, settings)} Times are {plain(settings.timezone)}.")
    if waiting := case.counts["unresolved"]:
        verb = "has" if waiting == 1 else "have"
        late = f"{count(waiting, 'account')} {verb} no seller yet: new since then. Run sellergraph resolve."
        st.warning(late, icon=":material/update:")


def _resolved(case: Overview, settings: Settings) -> str:
    if case.run is None:
        return "Sellers have not been worked out yet: run sellergraph resolve."
    if case.run.at is None:
        return "Sellers have been worked out."
    return f"Sellers were last worked out on {local_day(case.run.at, settings)}."


def _months(case: Overview) -> None:
    st.subheader("Ads a month, by kind of platform", anchor=False)
    if case.months.num_rows:
        charts.show(charts.months(case.months), 340, "Bars of ads a month by kind of platform")
    else:
        st.caption("No ad has a date.")


def _species(case: Overview) -> None:
    st.subheader("Species offered", anchor=False)
    rows = case.species.slice(0, SHOWN_SPECIES).to_pylist()
    if not rows:
        st.caption("No ad names a species of the lexicon.")
        return
    names = [row["name_en"] or row["name_zh"] or row["taxon_id"] for row in rows]
    texts = [f"{row['ads']:,}  ({percent(row['share'])})" for row in rows]
    charts.show(charts.bars(names, [row["ads"] for row in rows], texts), 60 + 30 * len(rows), "Bars of ads by species")
    more = case.species.num_rows - len(rows)
    rest = f" {count(more, 'more species', 'more species')} not shown." if more else ""
    st.caption(f"Share of all ads; an ad may offer several species.{rest}")


def _textless(case: Overview) -> None:
    st.subheader("Ads without text", anchor=False)
    rows = case.textless.to_pylist()
    names = [kind_name(row["kind"]) for row in rows]
    texts = [f"{percent(row['share'])} of {row['ads']:,}" for row in rows]
    colours = [KIND_COLOURS.get(row["kind"] or "", UNKNOWN_COLOUR) for row in rows]
    bars = charts.bars(names, [row["share"] for row in rows], texts, colours)
    charts.show(bars, 60 + 36 * len(rows), "Bars of the share of ads without text by kind of platform")
    st.caption("Pictures or emoji alone: what a search by keyword never finds.")


def _concentration(case: Overview) -> None:
    st.subheader("How few sellers post most of it", anchor=False)
    if not case.curve.num_rows:
        st.caption("Sellers have not been worked out yet: run sellergraph resolve.")
        return
    left, right = st.columns([4, 5], gap="large")
    with left:
        charts.show(charts.cumulative(case.curve), 330, "Curve of the share of all ads held by the largest sellers")
    with right:
        st.metric("Share of all ads posted by the ten largest sellers", percent(case.top10))
        st.dataframe(_by_kind(case.top10_by_kind), hide_index=True, column_config=_BY_KIND)


def _by_kind(table: pa.Table) -> pa.Table:
    names = pa.array([kind_name(kind) for kind in table["kind"].to_pylist()], pa.string())
    table = table.set_column(0, "kind", names)
    for name in ("top10", "top10_accounts"):
        table = table.set_column(table.column_names.index(name), name, percents(table[name]))
    return table


_BY_KIND = {
    "kind": st.column_config.TextColumn("Kind of platform"),
    "ads": st.column_config.NumberColumn("Ads", format="localized"),
    "sellers": st.column_config.NumberColumn("Sellers", format="localized"),
    "top10": st.column_config.NumberColumn("Top 10 sellers", format=PERCENT),
    "accounts": st.column_config.NumberColumn("Accounts", format="localized"),
    "top10_accounts": st.column_config.NumberColumn("Top 10 accounts", format=PERCENT),
}

run_page("Overview", main)
