"""Sellers ranked by what they advertise, with filters; a click on a row opens the seller."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import streamlit as st

from graph.facts import Facts
from sellergraph.case import Settings
from views.common import (
    PERCENT,
    count,
    in_words,
    kind_name,
    local,
    open_seller,
    percent,
    percents,
    platform_names,
    run_page,
    say_empty,
    species_names,
)
from views.data import case_facts, ranked_sellers

# What a person scrolls through; the command line lists all.
SHOWN = 1_000


def main(settings: Settings) -> None:
    facts = case_facts(settings)
    if not facts.ads.num_rows:
        say_empty()
        return
    chosen = _filters(facts, settings)
    ranked = ranked_sellers(settings, **chosen)
    _say(ranked)
    if ranked.num_rows:
        _table(ranked.slice(0, SHOWN), facts, settings)


def _filters(facts: Facts, settings: Settings) -> dict[str, Any]:
    species, platforms = species_names(facts), platform_names(facts)
    offered, used = set(facts.offers["taxon_id"].to_pylist()), set(facts.ads["platform"].to_pylist())
    kinds = {kind: kind_name(kind) for kind in facts.ads["kind"].to_pylist() if kind}
    columns = st.columns(5)
    return {
        "species": _choice(columns[0], "Species", {k: v for k, v in species.items() if k in offered}),
        "platform": _choice(columns[1], "Platform", {k: v for k, v in platforms.items() if k in used}),
        "kind": _choice(columns[2], "Kind of platform", kinds),
        "since": _day(columns[3], "From", settings, time.min),
        "until": _day(columns[4], "To (that day included)", settings, time.max),
    }


def _choice(column: Any, label: str, names: dict[str, str]) -> str | None:
    """One of `names`, or None for all; options are shown as plain text by the browser."""
    chosen = column.selectbox(
        label, sorted(names, key=lambda key: names[key].casefold()), index=None, placeholder="All",
        format_func=lambda key: names.get(key, key), key=f"filter-{label}", persist_state="session",
    )  # fmt: skip
    return chosen if isinstance(chosen, str) else None


def _day(column: Any, label: str, settings: Settings, at: time) -> datetime | None:
    """A local day as UTC without offset; None when none is chosen."""
    day = column.date_input(
        label, value=None, min_value=date(1990, 1, 1), max_value=date(2100, 1, 1), format="YYYY-MM-DD",
        key=f"filter-{label}", persist_state="session",
    )  # fmt: skip
    if not isinstance(day, date):
        return None
    return datetime.combine(day, at, ZoneInfo(settings.timezone)).astimezone(UTC).replace(tzinfo=None)


def _say(ranked: pa.Table) -> None:
    if not ranked.num_rows:
        st.info("No seller has ads that fit these filters.")
        return
    shown = f" The first {SHOWN:,} are shown." if ranked.num_rows > SHOWN else ""
    ten = sum(ranked["share"].to_pylist()[:10])
    few = f" The first ten post {percent(ten)} of the ads." if ranked.num_rows > 10 else ""
    st.caption(f"{count(ranked.num_rows, 'seller')}.{few}{shown} Click a seller to open it.")


def _table(ranked: pa.Table, facts: Facts, settings: Settings) -> None:
    state = st.dataframe(
        _readable(ranked, facts, settings), hide_index=True, height=min(640, 38 + 35 * ranked.num_rows),
        column_config=_COLUMNS, on_select="rerun", selection_mode=["single-row", "single-cell"], key="ranked",
        alt="Sellers by rank",
    )  # fmt: skip
    selection = state["selection"]
    row = next(iter([*selection["rows"], *(cell[0] for cell in selection["cells"])]), None)
    if row is not None:
        open_seller(ranked["seller_id"][row].as_py())


def _readable(ranked: pa.Table, facts: Facts, settings: Settings) -> pa.Table:
    species, platforms = species_names(facts), platform_names(facts)
    rows = local(ranked, settings)
    words = {
        "platform_list": [in_words(slugs, platforms) for slugs in ranked["platform_list"].to_pylist()],
        "species": [in_words(ids, species) for ids in ranked["species"].to_pylist()],
    }
    for name, values in words.items():
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(values, pa.string()))
    rows = rows.set_column(rows.column_names.index("share"), "share", percents(rows["share"]))
    return rows.select(list(_COLUMNS))


_COLUMNS = {
    "rank": st.column_config.NumberColumn("Rank", width=50),
    "name": st.column_config.TextColumn("Seller", width=145),
    "ads": st.column_config.NumberColumn("Ads", format="localized", width=55),
    "share": st.column_config.NumberColumn("Share of ads", format=PERCENT, width=90),
    "active_days": st.column_config.NumberColumn("Active days", format="localized", width=88),
    "accounts": st.column_config.NumberColumn("Accounts", format="localized", width=78),
    "species": st.column_config.TextColumn("Species, most first", width=160),
    "platform_list": st.column_config.TextColumn("Platforms", width=140),
    "first_ad": st.column_config.DateColumn("First ad", format="YYYY-MM-DD", width=92),
    "last_ad": st.column_config.DateColumn("Last ad", format="YYYY-MM-DD", width=92),
}

run_page("Sellers", main)
