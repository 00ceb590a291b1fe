"""Whose removal takes most away: which k sellers, accounts or contacts, and what is lost then.

Chosen greedily, with what is known about how good that is, beside the k with most advertisements, the k that most
routes between platforms run through, and k at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Unpack

import pyarrow as pa

from graph.betweenness import platform_betweenness
from graph.captions import caption_of, contact_captions
from graph.disruption.comparison import BETWEENNESS, GREEDY, RANDOM, VOLUME, Comparison, Guarantee, What
from graph.disruption.numbering import By, Limits, number
from graph.disruption.strategies import by_betweenness, by_volume
from graph.disruption.trade import Trade, read_trade
from graph.facts import TEXT
from graph.ranking import require_sellers
from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import UsageError

__all__ = [
    "BY", "WHAT", "By", "Disruption", "Guarantee", "Limits", "Trade", "What", "disrupt", "disruption", "read_trade",
]  # fmt: skip

BY: tuple[By, ...] = ("seller", "account", "contact")
WHAT: tuple[What, ...] = ("all", "ads", "protection", "routes", "network")
MOST = 50
Captions = Callable[[Sequence[str]], dict[str, str]]
_COLUMNS: dict[By, str] = {"seller": "seller_id", "account": "account_id", "contact": "carrier"}
_NAMES = "SELECT id, coalesce(name, id) AS name FROM named SEMI JOIN wanted USING (id) ORDER BY id"


@dataclass(frozen=True)
class Disruption:
    """What is lost by removals.

    Attributes:
        by, what: as asked.
        curve: strategy (greedy, volume, betweenness, random: the mean of 100 draws), k from 0 to the most asked; shares
            lost, 0 to 1: lost (of what was asked), ads (by contact: that show one of those removed), ads_cut_off (none
            of whose contacts is left), protection, routes, network (of the largest one's size). Where a strategy has
            nobody left to remove, the last figures hold on.
        chosen: strategy (all but random), step from 1, id, name, gain (share of what was asked, that this step adds),
            ads (all that it has), why (in words).
        guarantee: of the greedy choice.
        totals: targets, ads, protection, routes, network (sellers or accounts in the largest one), counted (which).
    """

    by: By
    what: What
    curve: pa.Table
    chosen: pa.Table
    guarantee: Guarantee
    totals: dict[str, Any]


def disruption(
    store: GraphStore,
    *,
    by: By = "seller",
    what: What = "all",
    most: int = MOST,
    seed: int = 0,
    species: str | None = None,
    platform: str | None = None,
    kind: str | None = None,
    place: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    timezone: str = DEFAULT_TIMEZONE,
) -> Disruption:
    """Choose up to `most` targets whose removal takes most away.

    Args:
        by: what is removed. A contact is one that ads show as the own or a supplier's, as decided; a code is the
            contact that it names.
        what: what is to be lost: ads, their protection weight, routes (different ones of account, carrier and platform
            that it leads to), all (the mean of the three shares, of those that the case has), or the largest network
            (sellers, by account accounts, that ties and shared contacts connect).
        seed: of the random draws.
        species, platform, kind, place, since, until: which ads count, as for graph.ranking.rank.

    Raises:
        UsageError: no sellers yet (by seller), unknown names, `most` below 1.
    """
    trade = read_trade(store, timezone)
    limits = Limits(species=species, platform=platform, kind=kind, place=place, since=since, until=until)
    return disrupt(trade, by=by, what=what, most=most, seed=seed, captions=partial(_captions, store), **limits)


def disrupt(
    trade: Trade,
    *,
    by: By = "seller",
    what: What = "all",
    most: int = MOST,
    seed: int = 0,
    captions: Captions | None = None,
    **limits: Unpack[Limits],
) -> Disruption:
    """`disruption` over a case that has been read already.

    Args:
        captions: readable names of contacts; without it codes and links are called by their ids.
    """
    _check(trade, by, what, most)
    numbered = number(trade, by, limits)
    comparison = Comparison(numbered, by, what, most)
    orders = {GREEDY: comparison.picks.order, VOLUME: by_volume(numbered.stakes, most)}
    between = platform_betweenness(_by_contact(numbered.hops), _COLUMNS[by])
    orders[BETWEENNESS] = by_betweenness(numbered.stakes, numbered.ids, between, most)
    lost = {name: comparison.lost(order) for name, order in orders.items()}
    chosen = comparison.chosen(orders, lost, partial(_names, trade, by, captions))
    curve = comparison.curve(lost | {RANDOM: comparison.mean(seed)})
    return Disruption(by, what, curve, chosen, comparison.guarantee(lost[GREEDY]), comparison.totals())


def _check(trade: Trade, by: By, what: What, most: int) -> None:
    if by not in BY or what not in WHAT:
        raise UsageError(f"by is one of {', '.join(BY)}, what one of {', '.join(WHAT)}")
    if most < 1:
        raise UsageError(f"at least one must be removed, not {most}")
    if by == "seller":
        require_sellers(trade.facts)


def _by_contact(hops: pa.Table) -> pa.Table:
    """Hops whose carrier is the contact that a code names."""
    return hops.drop_columns(["carrier"]).rename_columns({"contact": "carrier"})


def _names(trade: Trade, by: By, captions: Captions | None, ids: Sequence[str]) -> dict[str, str]:
    if by == "contact":
        return (captions or _plain)(ids)
    table, key = (trade.facts.sellers, "seller_id") if by == "seller" else (trade.facts.accounts, "account_id")
    rows = run_sql(
        _NAMES, {"named": table.rename_columns({key: "id"}), "wanted": pa.table({"id": pa.array(ids, TEXT)})}
    )
    return dict(zip(rows["id"].to_pylist(), rows["name"].to_pylist(), strict=True))


def _plain(ids: Sequence[str]) -> dict[str, str]:
    return {contact: caption_of(contact) for contact in ids}


def _captions(store: GraphStore, ids: Sequence[str]) -> dict[str, str]:
    rows = contact_captions(store, ids)
    return dict(zip(rows["contact_id"].to_pylist(), rows["caption"].to_pylist(), strict=True))
