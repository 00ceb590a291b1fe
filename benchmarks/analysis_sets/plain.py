"""The figures and the score of every seller as one would write them at first: rows as Python dicts, networkx.

What the program decides beforehand (weights of protection, whose contacts lead nobody, how a scheme scales its parts)
is taken from it, so that the figures can be compared; counting, joining and betweenness are written out here.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from graph.facts import ADS, OFFERS, RUNS, TAXA, fetch
from graph.hops import read_hops
from graph.protection import taxon_weights
from graph.schemes import Part, load_schemes
from graph.stores.base import GraphStore
from graph.uses import all_decisions
from sellergraph.case import DEFAULT_TIMEZONE

Row = dict[str, Any]
COMPARED = (
    "seller_id", "ads", "new_ads", "growth", "active_days", "platforms", "reach", "price_volume", "protection",
    "wild_claims", "hub", "betweenness",
)  # fmt: skip


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Of the figures of all sellers, with five digits after the point."""
    lines = sorted(repr([_shown(row[name]) for name in COMPARED]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _shown(value: Any) -> Any:
    # Doubles added in another order differ in the last digits.
    return round(float(value), 5) + 0.0 if isinstance(value, int | float) else value


def plain_ranking(store: GraphStore, scheme: str) -> list[Row]:
    """A dict a seller with the columns COMPARED and its score."""
    seller_of: dict[str, str] = {}
    for run in fetch(store, RUNS).to_pylist():
        seller_of[run["account_id"]] = min(run["seller_id"], seller_of.get(run["account_id"], run["seller_id"]))
    ads = fetch(store, ADS).to_pylist()
    protection = _protection(store, ads)
    posted: dict[str, list[Row]] = defaultdict(list)
    for ad in ads:
        if ad["account_id"] in seller_of:
            posted[seller_of[ad["account_id"]]].append(ad)
    counted = _counted(posted, ads, protection)
    hubs, between = _hubs(store, seller_of), _betweenness(store)
    for row in counted:
        row |= {"hub": hubs.get(row["seller_id"], 0), "betweenness": between.get(row["seller_id"], 0.0)}
    return _scored(counted, scheme)


def _protection(store: GraphStore, ads: list[Row]) -> dict[str, int]:
    """Thousandths of the strictest taxon that each ad offers."""
    weights = {row["taxon_id"]: row for row in taxon_weights(fetch(store, TAXA)).to_pylist()}
    wild = {ad["ad_id"] for ad in ads if ad["wild"]}
    found: dict[str, int] = {}
    for offer in fetch(store, OFFERS).to_pylist():
        weight = weights[offer["taxon_id"]]["wild" if offer["ad_id"] in wild else "bred"]
        found[offer["ad_id"]] = max(found.get(offer["ad_id"], 0), round(weight * 1000))
    return found


def _counted(posted: dict[str, list[Row]], ads: list[Row], protection: dict[str, int]) -> list[Row]:
    ending = max(ad["seen_at"] for ad in ads if ad["seen_at"]) + timedelta(microseconds=1)
    period = timedelta(days=load_schemes(None).period_days)
    priced = Counter(ad["currency"] for ad in ads if ad["price_cents"] is not None and ad["currency"])
    currency = min(priced, key=lambda name: (-priced[name], name)) if priced else None
    zone = ZoneInfo(DEFAULT_TIMEZONE)
    return [_of_seller(seller, rows, ending, period, currency, protection, zone) for seller, rows in posted.items()]


def _of_seller(
    seller: str, ads: list[Row], ending: datetime, period: timedelta, currency: str | None,
    protection: dict[str, int], zone: ZoneInfo,
) -> Row:  # fmt: skip
    times = [ad["seen_at"] for ad in ads if ad["seen_at"]]
    new = sum(ending - period <= time < ending for time in times)
    before = sum(ending - 2 * period <= time < ending - period for time in times)
    return {
        "seller_id": seller,
        "ads": len(ads),
        "new_ads": new,
        "growth": round(math.log2((new + 1) / (before + 1)), 6),
        "active_days": len({time.replace(tzinfo=UTC).astimezone(zone).date() for time in times}),
        "platforms": len({ad["platform"] for ad in ads}),
        "reach": sum(ad["views"] or 0 for ad in ads),
        "price_volume": sum(ad["price_cents"] or 0 for ad in ads if ad["currency"] == currency) / 100,
        "protection": sum(protection.get(ad["ad_id"], 0) for ad in ads) / 1000,
        "wild_claims": sum(bool(ad["wild"]) for ad in ads),
    }


def _hubs(store: GraphStore, seller_of: dict[str, str]) -> dict[str, int]:
    """Accounts of others that show a contact which one of the seller's accounts gives as its own."""
    shown_by: dict[str, set[str]] = defaultdict(set)
    owned: dict[str, set[str]] = defaultdict(set)
    for use in all_decisions(store).to_pylist():
        if use["role"] != "warning":
            shown_by[use["contact_id"]].add(use["account_id"])
        if use["role"] == "own" and use["account_id"] in seller_of:
            owned[seller_of[use["account_id"]]].add(use["contact_id"])
    return {
        seller: len({account for c in contacts for account in shown_by[c] if seller_of.get(account) != seller})
        for seller, contacts in owned.items()
    }


def _betweenness(store: GraphStore) -> dict[str, float]:
    """A node for each seller's way from one platform to another, between the nodes of the two."""
    import networkx as nx

    graph: Any = nx.DiGraph()
    for hop in read_hops(store).rows.to_pylist():
        if hop["seller_id"] and hop["from_platform"] != hop["to_platform"]:
            way = (hop["seller_id"], hop["from_platform"], hop["to_platform"])
            graph.add_edge(hop["from_platform"], way)
            graph.add_edge(way, hop["to_platform"])
    platforms = [node for node in graph if isinstance(node, str)]
    reached = sum(len(nx.descendants(graph, node).intersection(platforms) - {node}) for node in platforms)
    through = nx.betweenness_centrality_subset(graph, platforms, platforms, normalized=False)
    found: dict[str, float] = defaultdict(float)
    for node, value in through.items():
        if isinstance(node, tuple):
            found[node[0]] += value / max(reached, 1)
    return found


def _scored(rows: list[Row], name: str) -> list[Row]:
    schemes = load_schemes(None)
    for row in rows:
        row["score"] = 0.0
    for part, share in schemes.scheme(name).shares.items():
        scaled = [_scaled(float(row[part]), schemes.parts[part]) for row in rows]
        top = max([*scaled, schemes.parts[part].floor])
        for row, value in zip(rows, scaled, strict=True):
            row["score"] += 100 * share * value / top if top > 0 else 0.0
    return rows


def _scaled(value: float, part: Part) -> float:
    return math.log1p(max(value, 0.0)) if part.scale == "log" else max(value, 0.0)
