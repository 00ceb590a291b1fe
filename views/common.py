"""What every page shares: the chosen case, errors as one line, words for codes, captured text as text.

Captured text is data. Streamlit reads markdown in titles, labels, captions and messages, and Plotly reads
tags in its texts; so captured text goes through `st.text`, data frames, `heading`, `plain` or
`chart_text`, never through anything else.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import streamlit as st

from graph.facts import Facts, local_times
from graph.hops import TILLS
from sellergraph.case import Settings, find_case, load_case
from sellergraph.errors import SellergraphError, StoreLocked, StoreUnavailable
from sellergraph.resources import data_path
from views.data import writing_now

# Page name: title in the navigation, icon (Streamlit ships the font).
PAGES = {
    "overview": ("Overview", ":material/monitoring:"),
    "sellers": ("Sellers", ":material/leaderboard:"),
    "seller": ("Seller", ":material/person_search:"),
    "paths": ("Paths", ":material/alt_route:"),
}
PERCENT = "%.1f %%"
KIND_NAMES = {
    "website": "Website",
    "social_media": "Social media",
    "online_community": "Online community",
    "short_video": "Short video",
    "second_hand": "Second-hand",
    "handicraft": "Handicraft",
    "live_reptile": "Live reptiles",
    "messaging": "Messaging",
    "payment": "Payment",
}
# Okabe and Ito's colours, told apart by colour-blind readers too, darkened where white text lies on them.
KIND_COLOURS = {
    "website": "#0072b2",
    "social_media": "#d55e00",
    "online_community": "#009e73",
    "short_video": "#cc79a7",
    "second_hand": "#e69f00",
    "handicraft": "#56b4e9",
    "live_reptile": "#7a6a00",
    "messaging": "#6b7280",
    "payment": "#8c2d04",
}
UNKNOWN_COLOUR = "#9aa3ad"
CARRIER_NAMES = {
    "handle": "User name in the ad",
    "qr": "QR code in a picture",
    "link": "Link in the ad",
    "watermark": "Watermark of a picture",
    "payment": "Payment code in a picture",
}
CONTACT_NAMES = {"phone": "Phone", "handle": "User name", "qr": "QR code", "link": "Link", "email": "E-mail"}
PLACE_NAMES = {
    "title": "title",
    "text": "text",
    "seller_name": "display name",
    "url": "address",
    "picture": "picture",
}
# Every sign of ASCII punctuation may be escaped in CommonMark; Streamlit's emoji and colour codes start
# with a colon, which an invisible joiner keeps from being one.
_PUNCTUATION = re.compile(r"([!-/;-@\[-`{-~])")


def page_of(name: str) -> Any:
    """The page called `name`, as st.navigation and st.switch_page take it."""
    title, icon = PAGES[name]
    return st.Page(data_path(f"views/{name}.py"), title=title, icon=icon, url_path=name)


def open_seller(seller_id: str) -> None:
    """Leave this page for the seller's."""
    st.switch_page(page_of("seller"), query_params={"seller": seller_id})


def case_settings() -> Settings:
    """The case that the app was started for: `--case`, else SELLERGRAPH_CASE, else the current folder.

    Raises:
        CaseError: it is none, or its case.toml cannot be used.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--case", type=Path)
    chosen, _ = parser.parse_known_args(sys.argv[1:])
    return load_case(find_case(chosen.case))


_BUSY = ":material/hourglass_top:"
# Tables and charts need the width that Streamlit leaves empty beside and above them.
_SPACING = "<style>.stMainBlockContainer {padding: 3.2rem 2.5rem 3rem}</style>"


def run_page(title: str, body: Callable[[Settings], None]) -> None:
    """Show a page of the case under its title; every error of ours becomes one friendly line."""
    st.html(_SPACING)
    st.title(title, anchor=False)
    try:
        settings = case_settings()
        st.sidebar.text(f"Case: {settings.folder.resolve().name}")
        notice = st.empty()
        body(settings)
        if writing_now():
            notice.warning("The case is being written to just now; this page shows it as it was before.", icon=_BUSY)
    except StoreLocked as error:
        st.warning(f"The case is being written to just now. {plain(str(error))}", icon=_BUSY)
        st.button("Try again", icon=":material/refresh:")
    except StoreUnavailable as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.button("Try again", icon=":material/refresh:")
    except SellergraphError as error:
        st.error(plain(str(error)), icon=":material/error:")


def say_empty() -> None:
    """What to do with a case that holds nothing."""
    st.info("This case holds no advertisements yet. Read some in with:")
    st.code("sellergraph ingest FILES", language=None)


def plain(text: str) -> str:
    """Text that a markdown label or message shows as it is.

    An invisible U+2060 stands after each colon: do not use it for what somebody copies.
    """
    return _PUNCTUATION.sub(r"\\\1", text).replace(":", ":\u2060").replace("\n", " ")


def heading(text: str) -> None:
    """Captured text as a heading."""
    _styled(text, "font-size:1.7rem;font-weight:700;line-height:1.25")


def strong(text: str) -> None:
    """Captured text in bold."""
    _styled(text, "font-weight:600")


def small(text: str) -> None:
    """Captured text in small grey letters: where and when."""
    _styled(text, "font-size:.86rem;opacity:.72")


def _styled(text: str, style: str) -> None:
    # Isolated: a mark that turns the direction of writing ends with the text that holds it.
    always = "overflow-wrap:anywhere;white-space:pre-wrap;unicode-bidi:isolate"
    st.html(f'<div dir="auto" style="{style};{always}">{html.escape(text)}</div>')


def chart_text(text: str) -> str:
    """Text for a Plotly label, which would read tags: entities are shown as the signs they stand for."""
    return html.escape(text, quote=False)


def kind_name(kind: str | None) -> str:
    """A kind of platform in words."""
    return KIND_NAMES.get(kind, kind) if kind else "Unknown kind"


def species_names(facts: Facts) -> dict[str, str]:
    """English name of each taxon by id."""
    return {row["taxon_id"]: row["name_en"] or row["name_zh"] or row["taxon_id"] for row in facts.taxa.to_pylist()}


def platform_names(facts: Facts) -> dict[str, str]:
    """Name of each platform by slug, and of the tills that payment codes lead to."""
    return TILLS | {row["platform"]: row["name"] or row["platform"] for row in facts.platforms.to_pylist()}


def in_words(values: list[str] | None, names: dict[str, str]) -> str:
    """A list of ids as names, joined by commas."""
    return ", ".join(names.get(value, value) for value in values or [])


def local(table: pa.Table, settings: Settings) -> pa.Table:
    """The table with every time in the case's time zone."""
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, local_times(table[field.name], settings.timezone))
    return table


def local_day(moment: datetime | None, settings: Settings) -> str:
    """A UTC time as a day of the case's time zone: '3 Apr 2018'."""
    if moment is None:
        return "unknown"
    return day_words(moment.replace(tzinfo=UTC).astimezone(ZoneInfo(settings.timezone)).date())


def day_words(day: date) -> str:
    """A date as '3 Apr 2018', whatever the machine's locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def percents(shares: pa.ChunkedArray) -> pa.Array:
    """Shares of one as numbers of percent, for a column of the format PERCENT."""
    return pa.array([None if share is None else 100 * share for share in shares.to_pylist()], pa.float64())


def percent(share: float) -> str:
    """A share of one as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def count(number: int, thing: str, things: str | None = None) -> str:
    """'1 ad', '2,034 ads'."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
