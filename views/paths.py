"""How buyers are led from one platform to the next: the flow, the table, and the ads behind each hop."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import streamlit as st

from graph.facts import Facts
from sellergraph.case import Settings
from views import charts
from views.common import CARRIER_NAMES, count, local, open_seller, plain, platform_names, run_page
from views.data import case_facts, hop_ads, traffic

DRAWN = 40
CITED = 200


def main(settings: Settings) -> None:
    facts = case_facts(settings)
    table = traffic(settings)
    if not table.num_rows:
        st.info("No ad leads from one platform to another.")
        return
    rows = _worded(table.to_pylist(), platform_names(facts))
    st.caption(
        "Left: where the ad stands. Right: where its user name, QR code or link leads buyers. "
        "The wider the band, the more ads."
    )
    _flow(rows, facts)
    chosen = _table(rows, settings)
    _cited(rows[chosen or 0], settings)


def _worded(rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    """The rows with names beside the slugs."""
    return [
        row
        | {
            "from_name": names.get(row["from_platform"], row["from_platform"]),
            "to_name": names.get(row["to_platform"], row["to_platform"]),
            "carrier": CARRIER_NAMES.get(row["carrier_kind"], row["carrier_kind"] or "unknown"),
        }
        for row in rows
    ]


def _flow(rows: list[dict[str, Any]], facts: Facts) -> None:
    kinds = dict(zip(facts.platforms["platform"].to_pylist(), facts.platforms["kind"].to_pylist(), strict=True))
    drawn = rows[:DRAWN]
    left = len({row["from_platform"] for row in drawn})
    charts.show(charts.flows(drawn, platform_names(facts), kinds), max(320, 46 * left), "Flow of ads between platforms")
    if len(rows) > DRAWN:
        st.caption(f"The {DRAWN} largest of {len(rows):,} are drawn; the table has all.")


def _table(rows: list[dict[str, Any]], settings: Settings) -> int | None:
    st.subheader("Hand-overs, most ads first", anchor=False)
    shown = local(pa.Table.from_pylist([{name: row[name] for name in _COLUMNS} for row in rows]), settings)
    state = st.dataframe(
        shown, hide_index=True, column_config=_COLUMNS, height=min(420, 38 + 35 * len(rows)), on_select="rerun",
        placeholder="",
        selection_mode=["single-row", "single-cell"], key="hops", alt="Hand-overs between platforms",
    )  # fmt: skip
    selection = state["selection"]
    return next(iter([*selection["rows"], *(cell[0] for cell in selection["cells"])]), None)


def _cited(row: dict[str, Any], settings: Settings) -> None:
    hop = (row["from_platform"], row["to_platform"], row["carrier_kind"])
    ads = hop_ads(settings, hop, CITED)
    title = f"The ads behind {row['from_name']} to {row['to_name']}"
    st.subheader(plain(title), anchor=False)
    first = f" The first {CITED} are shown." if ads.num_rows >= CITED else ""
    st.caption(
        f"{plain(row['carrier'])}: {count(row['ads'], 'ad')} of {count(row['sellers'], 'seller')}, "
        f"{count(row['contacts'], 'contact')}.{first} Choose another hand-over in the table above; "
        "click an ad to open its seller."
    )
    state = st.dataframe(
        local(ads, settings).select(list(_CITED)), hide_index=True, column_config=_CITED, on_select="rerun",
        placeholder="",
        selection_mode=["single-row", "single-cell"], key=f"cited-{'-'.join(map(str, hop))}", height=360,
        alt="Ads behind the hand-over",
    )  # fmt: skip
    _open(ads, state["selection"])


def _open(ads: pa.Table, selection: dict[str, Any]) -> None:
    for place in [*selection["rows"], *(cell[0] for cell in selection["cells"])]:
        if seller := ads["seller_id"][place].as_py():
            open_seller(seller)
        st.info("It is not known who posted this ad.")


_COLUMNS = {
    "from_name": st.column_config.TextColumn("From", width=150),
    "to_name": st.column_config.TextColumn("To", width=150),
    "carrier": st.column_config.TextColumn("By means of", width=170),
    "ads": st.column_config.NumberColumn("Ads", format="localized"),
    "sellers": st.column_config.NumberColumn("Sellers", format="localized"),
    "accounts": st.column_config.NumberColumn("Accounts", format="localized"),
    "contacts": st.column_config.NumberColumn("Contacts", format="localized"),
    "first_ad": st.column_config.DateColumn("First ad", format="YYYY-MM-DD"),
    "last_ad": st.column_config.DateColumn("Last ad", format="YYYY-MM-DD"),
}
_CITED = {
    "seen_at": st.column_config.DatetimeColumn("Seen", format="YYYY-MM-DD HH:mm", width=130),
    "name": st.column_config.TextColumn("Seller", width=130),
    "contact": st.column_config.TextColumn("Leads to", width="medium"),
    "title": st.column_config.TextColumn("Title", width="medium"),
    "text": st.column_config.TextColumn("Text", width="large"),
    "ad_id": st.column_config.TextColumn("Ad", width="small"),
}

run_page("Paths between platforms", main)
