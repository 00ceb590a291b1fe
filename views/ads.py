"""A seller's advertisements as cards: what was written, the pictures, and where it was captured."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from graph.sellers import SellerProfile
from sellergraph.case import Settings
from views.common import count, in_words, local, small, species_names, strong
from views.data import case_facts
from views.pictures import thumbnail

PER_PAGE = 8
PICTURES = 4
# A card shows so much of a text; the capture has all of it.
_TEXT = 1_200


def show_ads(profile: SellerProfile, settings: Settings) -> None:
    """Pages of cards, newest first, with a filter by platform when there are several."""
    st.subheader("Ads, newest first", anchor=False)
    ads = _on_platform(local(profile.ads, settings), profile.seller_id)
    pages = -(-ads.num_rows // PER_PAGE)
    at = st.pagination(pages, key=f"ads-page-{profile.seller_id}-{pages}") if pages > 1 else 1
    species = species_names(case_facts(settings))
    for row in ads.slice((at - 1) * PER_PAGE, PER_PAGE).to_pylist():
        with st.container(border=True):
            _card(row, species, settings)


def _on_platform(ads: pa.Table, seller_id: str) -> pa.Table:
    names = sorted(set(ads["platform_name"].to_pylist()))
    if len(names) < 2:
        return ads
    chosen = st.selectbox(
        "Platform of the ads", names, index=None, placeholder="Ads on all platforms", label_visibility="collapsed",
        key=f"ads-platform-{seller_id}", width=320,
    )  # fmt: skip
    return ads.filter(pc.equal(ads["platform_name"], chosen)) if chosen else ads


def _card(row: dict[str, Any], species: dict[str, str], settings: Settings) -> None:
    if not row["image_paths"]:
        _words(row, species)
        return
    pictures, words = st.columns([1, 3], gap="medium")
    with pictures:
        _pictures(row["image_paths"], settings)
    with words:
        _words(row, species)


def _words(row: dict[str, Any], species: dict[str, str]) -> None:
    with st.container(gap="xsmall"):
        small(f"{_seen(row['seen_at'])}   {row['platform_name']}   {row['seller_name'] or row['account_id']}")
        if row["title"]:
            strong(_short(row["title"]))
        if row["text"]:
            st.text(_short(row["text"]))
        if not row["title"] and not row["text"]:
            st.text("No text was captured.")
        if facts := _facts(row, species):
            st.text(facts)
        small(_source(row))


def _seen(moment: datetime | None) -> str:
    """A local time; midnight is what captures give that know the day only."""
    if moment is None:
        return "time unknown"
    return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")


def _pictures(paths: list[str], settings: Settings) -> None:
    made = [thumbnail(settings.evidence, path) for path in paths[:PICTURES]]
    if good := [picture for picture in made if picture]:
        st.image(good, width=120 if len(good) > 1 else 220)
    lost, more = len(made) - len(good), len(paths) - PICTURES
    if lost:
        small(f"{count(lost, 'picture')} cannot be shown")
    if more > 0:
        small(f"and {count(more, 'more picture')}")


def _short(text: str) -> str:
    cut = len(text) - _TEXT
    return text if cut <= 0 else f"{text[:_TEXT]}… ({cut:,} more characters in the capture)"


def _facts(row: dict[str, Any], species: dict[str, str]) -> str:
    """Species, price, place and views, as far as known."""
    price = f"{row['price_cents'] / 100:,.2f} {row['currency'] or ''}".strip() if row["price_cents"] is not None else ""
    views = count(row["views"], "view") if row["views"] is not None else ""
    known = (in_words(row["species"], species), price, row["location"], views)
    return "   ".join(part for part in known if part)


def _source(row: dict[str, Any]) -> str:
    """Where the claim can be checked."""
    where = f"{row['file']}, line {row['line']}" if row["file"] else "unknown file"
    return f"{row['ad_id']}   captured in {where}"
