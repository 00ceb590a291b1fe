"""One seller: who it is, why its accounts were joined, its contacts, network, ads with pictures, and paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import streamlit as st

from graph.network import ROLES
from graph.sellers import SellerProfile
from sellergraph.case import Settings
from sellergraph.errors import UsageError
from views.ads import show_ads
from views.common import (
    CARRIER_NAMES,
    CONTACT_NAMES,
    PLACE_NAMES,
    count,
    heading,
    in_words,
    kind_name,
    local,
    local_day,
    plain,
    platform_names,
    run_page,
    say_empty,
    small,
)
from views.data import case_facts, found_seller, network_page, profile_of, ranked_sellers
from views.merges import show_merges, show_near

# What the list to choose from holds; any other seller is found by its id or an account's.
LISTED = 1_000
HEIGHT = 560


def main(settings: Settings) -> None:
    ranked = ranked_sellers(settings)
    if not ranked.num_rows:
        say_empty()
        return
    chosen = _choose(ranked, settings)
    if chosen is None:
        st.info("Choose a seller above, or click one on the page Sellers.")
        return
    profile = profile_of(settings, chosen)
    names = platform_names(case_facts(settings))
    _who(profile, ranked, settings)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _network(profile, settings)
    with right:
        show_merges(profile, names)
    show_near(profile, names)
    _accounts(profile, settings)
    _contacts(profile, names, settings)
    _species(profile)
    _paths(profile, names, settings)
    show_ads(profile, settings)


def _choose(ranked: pa.Table, settings: Settings) -> str | None:
    """The seller in the address or the one picked; picking changes the address, so that it can be sent on."""
    wanted = st.query_params.get("seller")
    current = _known(settings, wanted) if wanted else None
    listed = ranked.slice(0, LISTED)
    labels = {
        row["seller_id"]: f"{row['rank']}. {row['name']} ({count(row['ads'], 'ad')})"
        for row in listed.select(["seller_id", "rank", "name", "ads"]).to_pylist()
    }
    options = list(labels) if current is None or current in labels else [current, *labels]
    picked = st.selectbox(
        "Seller", options, index=options.index(current) if current else None, accept_new_options=True,
        format_func=lambda key: labels.get(key, key), key=f"pick-{current}", label_visibility="collapsed",
        placeholder="Type a name, a seller's id, or an account such as xianyu|u123",
    )  # fmt: skip
    if picked and picked != current:
        st.query_params["seller"] = picked
        st.rerun()
    return current


def _known(settings: Settings, wanted: str) -> str | None:
    try:
        return found_seller(settings, wanted)
    except UsageError as error:
        st.warning(plain(str(error)), icon=":material/search_off:")
        return None


def _who(profile: SellerProfile, ranked: pa.Table, settings: Settings) -> None:
    row = profile.seller.to_pylist()[0]
    heading(row["name"])
    others = [name for name in row["names"] if name != row["name"]]
    if others:
        small("Also seen as " + ", ".join(others[:12]) + (f" and {len(others) - 12} more" if len(others) > 12 else ""))
    places = ranked["seller_id"].to_pylist()
    place = places.index(profile.seller_id) + 1 if profile.seller_id in places else None
    shown = (
        ("Rank", f"{place} of {len(places):,}" if place else "none"),
        ("Ads", f"{row['ads']:,}"),
        ("Accounts", f"{row['accounts']:,}"),
        ("Platforms", f"{row['platforms']:,}"),
        ("Active days", f"{row['active_days']:,}"),
    )
    for column, (label, value) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, value, border=True)
    period = f"From {local_day(row['first_ad'], settings)} to {local_day(row['last_ad'], settings)}"
    small(f"{period}.  Id of the seller: {profile.seller_id}")


def _network(profile: SellerProfile, settings: Settings) -> None:
    st.subheader("Network", anchor=False)
    page_html = network_page(settings, profile.seller_id, HEIGHT)
    # Everything captured in it is JSON with its signs escaped, under a policy that forbids requests.
    st.iframe(page_html, height=HEIGHT, alt="Network of the seller's accounts, contacts and sellers who share them")
    st.caption("Drag to move, scroll to zoom, point at a sign to read it. Larger: more ads.")


def _accounts(profile: SellerProfile, settings: Settings) -> None:
    st.subheader("Accounts", anchor=False)
    table = local(profile.accounts, settings)
    named = [name or login for name, login in zip(*(table[c].to_pylist() for c in ("name", "login")), strict=True)]
    table = _replace(table, "name", named)
    _table(_replace(table, "kind", [kind_name(kind) for kind in table["kind"].to_pylist()]), _ACCOUNTS)


def _contacts(profile: SellerProfile, names: dict[str, str], settings: Settings) -> None:
    st.subheader("Contacts in the ads", anchor=False)
    if not profile.contacts.num_rows:
        st.text("No ad of this seller shows a contact.")
        return
    table = local(profile.contacts, settings)
    words: dict[str, Callable[[Any], str]] = {
        "kind": lambda kind: CONTACT_NAMES.get(kind, kind),
        "role": lambda role: ROLES.get(role, role or "unknown"),
        "places": lambda places: in_words(places, PLACE_NAMES),
        "platforms": lambda slugs: in_words(slugs, names),
    }
    for column, word in words.items():
        table = _replace(table, column, [word(value) for value in table[column].to_pylist()])
    _table(table, _CONTACTS)


def _species(profile: SellerProfile) -> None:
    st.subheader("Species", anchor=False)
    if not profile.species.num_rows:
        st.text("No ad of this seller names a species.")
        return
    table = profile.species
    for column in ("parts", "terms"):
        table = _replace(table, column, [", ".join(values or []) for values in table[column].to_pylist()])
    _table(table, _SPECIES)


def _paths(profile: SellerProfile, names: dict[str, str], settings: Settings) -> None:
    st.subheader("Where the ads lead buyers", anchor=False)
    if profile.paths_out.num_rows:
        _table(_worded(profile.paths_out, names, settings), _OUT)
    else:
        st.text("No ad of this seller leads to another platform.")
    st.subheader("Who leads buyers here", anchor=False)
    if profile.paths_in.num_rows:
        _table(_worded(profile.paths_in, names, settings), _IN)
    else:
        st.text("No ad of another account names an account of this seller.")


def _worded(table: pa.Table, names: dict[str, str], settings: Settings) -> pa.Table:
    table = local(table, settings)
    for column in ("from_platform", "to_platform"):
        table = _replace(table, column, [names.get(slug, slug) for slug in table[column].to_pylist()])
    if "carrier_kind" in table.column_names:
        kinds = [CARRIER_NAMES.get(kind, kind) for kind in table["carrier_kind"].to_pylist()]
        table = _replace(table, "carrier_kind", kinds)
    return table


def _replace(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))


def _table(table: pa.Table, columns: dict[str, Any]) -> None:
    """The named columns, in that order, with their headings."""
    height = min(360, 38 + 35 * table.num_rows)
    st.dataframe(table.select(list(columns)), hide_index=True, column_config=columns, height=height, placeholder="")


def _text(label: str, width: Any = None) -> Any:
    return st.column_config.TextColumn(label, width=width)


def _number(label: str, width: Any = 80) -> Any:
    return st.column_config.NumberColumn(label, format="localized", width=width)


def _date(label: str) -> Any:
    return st.column_config.DateColumn(label, format="YYYY-MM-DD", width=95)


_ACCOUNTS = {
    "platform_name": _text("Platform", 160),
    "kind": _text("Kind", 140),
    "name": _text("Name", "medium"),
    "login": _text("Login", 120),
    "ads": _number("Ads"),
    "active_days": _number("Active days", 95),
    "first_ad": _date("First ad"),
    "last_ad": _date("Last ad"),
    "url": _text("Profile page", "medium"),
}
_CONTACTS = {
    "kind": _text("Kind", 110),
    "caption": _text("Contact", 260),
    "role": _text("Whose", 140),
    "ads": _number("Ads", 60),
    "accounts": _number("Accounts", 80),
    "other_sellers": _number("Other sellers", 100),
    "reason": _text("Decided so because", 330),
    "places": _text("Read in", 110),
    "platforms": _text("Seen on", 170),
    "first_ad": _date("First seen"),
    "last_ad": _date("Last seen"),
}
_SPECIES = {
    "name_en": _text("Species", 150),
    "name_zh": _text("Chinese name", 120),
    "scientific_name": _text("Scientific name", 170),
    "cites": _text("CITES", 70),
    "national_level": _text("Level in China", 120),
    "red_list": _text("Red List", 80),
    "status_date": _text("Status as of", 100),
    "ads": _number("Ads", 60),
    "parts": _text("Goods", 130),
    "terms": _text("Words in the ads", 170),
}
_OUT = {
    "from_platform": _text("From", 140),
    "to_platform": _text("To", 140),
    "carrier_kind": _text("By means of", 180),
    "contact": _text("Contact", 240),
    "ads": _number("Ads", 60),
    "first_ad": _date("First ad"),
    "last_ad": _date("Last ad"),
    "ad_ids": st.column_config.ListColumn("Cited ads", width=300),
}
_IN = {
    "from_platform": _text("From", 140),
    "from_name": _text("Seller", 140),
    "contact": _text("Names", "medium"),
    "named_account": _text("Account of this seller", "medium"),
    "to_platform": _text("On", 140),
    "ads": _number("Ads", 60),
    "first_ad": _date("First ad"),
    "last_ad": _date("Last ad"),
    "ad_ids": st.column_config.ListColumn("Cited ads", width=300),
}

run_page("Seller", main)
