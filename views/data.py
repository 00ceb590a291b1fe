"""Cached reads of the case, renewed when the graph changes; the store is open only while one reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import streamlit as st

from graph.facts import Facts, read_facts
from graph.network import network_html, seller_network
from graph.overview import Overview, describe, last_run
from graph.paths import path_ads, traffic_paths
from graph.ranking import rank
from graph.sellers import SellerProfile, find_seller, seller_profile
from graph.stores import open_store
from graph.stores.base import GraphStore
from sellergraph.case import Settings

T = TypeVar("T")
# A server does not tell when its graph changes: what is shown is at most this old, seconds.
_SERVER_AGE = 60
_ENTRIES = 64


def stamp(settings: Settings) -> str:
    """Changes when the graph does: the embedded files' times and sizes, or the minute for a server."""
    if not settings.embedded:
        return str(int(time.time() // _SERVER_AGE))
    return " ".join(_file_stamp(settings.graph_file.with_name(settings.graph_file.name + end)) for end in ("", ".wal"))


def _file_stamp(path: Path) -> str:
    try:
        found = path.stat()
    except FileNotFoundError:
        return "-"
    return f"{found.st_mtime_ns}/{found.st_size}"


def _reading(settings: Settings, use: Callable[[GraphStore], T]) -> T:
    with open_store(settings, read_only=True) as store:
        return use(store)


# Settings hold a password and are not part of the key; folder, store, zone and stamp say the same.
# Facts are Arrow tables, which nobody can change: shared, not copied.
@st.cache_resource(max_entries=2, show_spinner="Reading the case…")
def _facts(folder: str, address: str, zone: str, mark: str, _settings: Settings) -> tuple[Facts, Overview]:
    def use(store: GraphStore) -> tuple[Facts, Overview]:
        facts = read_facts(store, zone)
        return facts, describe(facts, store.counts(), last_run(store))

    return _reading(_settings, use)


@st.cache_data(max_entries=_ENTRIES, show_spinner="Reading the seller…")
def _profile(folder: str, address: str, zone: str, mark: str, _settings: Settings, seller_id: str) -> SellerProfile:
    return _reading(_settings, lambda store: seller_profile(store, seller_id, zone))


@st.cache_data(max_entries=_ENTRIES, show_spinner=False)
def _found(folder: str, address: str, zone: str, mark: str, _settings: Settings, wanted: str) -> str:
    return _reading(_settings, lambda store: find_seller(store, wanted))


@st.cache_data(max_entries=_ENTRIES, show_spinner="Drawing the network…")
def _network(folder: str, address: str, zone: str, mark: str, _settings: Settings, seller_id: str, height: int) -> str:
    return _reading(_settings, lambda store: network_html(seller_network(store, seller_id), height))


@st.cache_data(max_entries=2, show_spinner="Following the paths…")
def _traffic(folder: str, address: str, zone: str, mark: str, _settings: Settings) -> pa.Table:
    return _reading(_settings, lambda store: traffic_paths(store, limit=None))


@st.cache_data(max_entries=_ENTRIES, show_spinner="Reading the ads…")
def _path_ads(
    folder: str, address: str, zone: str, mark: str, _settings: Settings, hop: tuple[str, str, str], most: int
) -> pa.Table:
    return _reading(_settings, lambda store: path_ads(store, *hop, limit=most))


@st.cache_data(max_entries=_ENTRIES, show_spinner="Ranking…")
def _ranked(
    folder: str,
    address: str,
    zone: str,
    mark: str,
    _settings: Settings,
    species: str | None,
    platform: str | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
) -> pa.Table:
    facts = case_facts(_settings)
    return rank(facts, species=species, platform=platform, kind=kind, since=since, until=until, limit=None)


def _key(settings: Settings) -> tuple[str, str, str, str, Settings]:
    return str(settings.folder.resolve()), settings.store, settings.timezone, stamp(settings), settings


def case_facts(settings: Settings) -> Facts:
    """The narrow tables of the case."""
    return _facts(*_key(settings))[0]


def case_overview(settings: Settings) -> Overview:
    """The case's figures."""
    return _facts(*_key(settings))[1]


def ranked_sellers(
    settings: Settings,
    *,
    species: str | None = None,
    platform: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pa.Table:
    """All sellers under these filters, ranked; times are UTC without offset."""
    return _ranked(*_key(settings), species, platform, kind, since, until)


def profile_of(settings: Settings, seller_id: str) -> SellerProfile:
    """Everything known of one seller."""
    return _profile(*_key(settings), seller_id)


def found_seller(settings: Settings, wanted: str) -> str:
    """The seller's id that an id, the start of one, or an account's id means."""
    return _found(*_key(settings), wanted)


def network_page(settings: Settings, seller_id: str, height: int) -> str:
    """The seller's network as one HTML page."""
    return _network(*_key(settings), seller_id, height)


def traffic(settings: Settings) -> pa.Table:
    """All hand-overs between platforms, most ads first."""
    return _traffic(*_key(settings))


def hop_ads(settings: Settings, hop: tuple[str, str, str], most: int) -> pa.Table:
    """The ads behind one hand-over (from, to, carrier kind)."""
    return _path_ads(*_key(settings), hop, most)
