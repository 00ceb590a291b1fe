"""Cached reads of the case, renewed when the graph changes; the store is open only while one reads."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import streamlit as st

from graph.facts import Facts
from graph.market import Market, read_market
from graph.network import network_html, seller_network
from graph.overview import Overview, describe, last_run
from graph.paths import flows, path_ads
from graph.ranking import rank
from graph.sellers import SellerProfile, find_seller, seller_profile
from graph.stores import open_store
from graph.stores.base import GraphStore
from sellergraph.case import Settings
from sellergraph.errors import StoreLocked

T = TypeVar("T")
# A server does not tell when its graph changes: what is shown is at most this old, seconds.
_SERVER_AGE = 60
_ENTRIES = 64
# While another process writes, a try waits for the lock (graph/stores/lock.py); not every page should.
_PAUSE = 20.0


@dataclass
class _Kept:
    """What was read last, shown while another process writes to the case."""

    results: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict)
    next_try: float = 0.0


@st.cache_resource(show_spinner=False)
def _kept() -> _Kept:
    return _Kept()


def writing_now() -> bool:
    """Whether the case was locked a moment ago, so that pages show what was read before."""
    return time.monotonic() < _kept().next_try


def _latest(settings: Settings, cached: Callable[..., T], *more: object) -> T:
    """The cached read; when the case is locked, its last result.

    Raises:
        StoreLocked: locked, and not read before.
    """
    kept, key = _kept(), _key(settings)
    name = (cached.__name__, *key[:3], *more)
    if not (writing_now() and name in kept.results):
        try:
            _keep(kept, name, cached(*key, *more))
        except StoreLocked:
            kept.next_try = time.monotonic() + _PAUSE
            if name not in kept.results:
                raise
    result: T = kept.results[name]
    return result


def _keep(kept: _Kept, name: tuple[object, ...], result: object) -> None:
    kept.results[name] = result
    kept.results.move_to_end(name)
    if len(kept.results) > _ENTRIES:
        kept.results.popitem(last=False)


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


class Read(NamedTuple):
    """The narrow tables of a case and its figures; `mark` tells one state of the graph from the next."""

    mark: str
    market: Market
    overview: Overview


# Settings hold a password and are not part of the key; folder, store, zone and stamp say the same.
# Facts are Arrow tables, which nobody can change: shared, not copied.
@st.cache_resource(max_entries=2, show_spinner="Reading the case…")
def _read(folder: str, address: str, zone: str, mark: str, _settings: Settings) -> Read:
    def use(store: GraphStore) -> Read:
        market = read_market(store, zone)
        return Read(mark, market, describe(market.facts, store.counts(), last_run(store)))

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
def _traffic(case: tuple[str, str, str, str], _market: Market) -> pa.Table:
    return flows(_market, limit=None)


@st.cache_data(max_entries=_ENTRIES, show_spinner="Reading the ads…")
def _path_ads(
    folder: str, address: str, zone: str, mark: str, _settings: Settings, hop: tuple[str, str, str], most: int
) -> pa.Table:
    return _reading(_settings, lambda store: path_ads(store, *hop, limit=most))


@st.cache_data(max_entries=_ENTRIES, show_spinner="Ranking…")
def _ranked(case: tuple[str, str, str, str], _market: Market, filters: dict[str, Any]) -> pa.Table:
    return rank(_market, **filters, limit=None)


def _key(settings: Settings) -> tuple[str, str, str, str, Settings]:
    return str(settings.folder.resolve()), settings.store, settings.timezone, stamp(settings), settings


def case_facts(settings: Settings) -> Facts:
    """The narrow tables of the case."""
    return _latest(settings, _read).market.facts


def case_overview(settings: Settings) -> Overview:
    """The case's figures."""
    return _latest(settings, _read).overview


def ranked_sellers(settings: Settings, **filters: Any) -> pa.Table:
    """All sellers under these filters (as graph.ranking.rank takes them); times are UTC without offset."""
    read = _latest(settings, _read)
    return _ranked(_case(settings, read), read.market, filters)


def _case(settings: Settings, read: Read) -> tuple[str, str, str, str]:
    return str(settings.folder.resolve()), settings.store, settings.timezone, read.mark


def profile_of(settings: Settings, seller_id: str) -> SellerProfile:
    """Everything known of one seller."""
    return _latest(settings, _profile, seller_id)


def found_seller(settings: Settings, wanted: str) -> str:
    """The seller's id that an id, the start of one, or an account's id means."""
    return _latest(settings, _found, wanted)


def network_page(settings: Settings, seller_id: str, height: int) -> str:
    """The seller's network as one HTML page."""
    return _latest(settings, _network, seller_id, height)


def traffic(settings: Settings) -> pa.Table:
    """All hand-overs between platforms, most ads first."""
    read = _latest(settings, _read)
    return _traffic(_case(settings, read), read.market)


def hop_ads(settings: Settings, hop: tuple[str, str, str], most: int) -> pa.Table:
    """The ads behind one hand-over (from, to, carrier kind)."""
    return _latest(settings, _path_ads, hop, most)
