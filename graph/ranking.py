"""Put sellers, networks, accounts, contacts and platforms in order by a named scheme, with each part of the score.

A score orders work; it proves nothing. How far a rank hangs on uncertain merges and on the scheme's weights is told
beside it, by the best and the worst rank that it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.captions import contact_captions
from graph.concentration import concentration, gini, share_of_top, top_share
from graph.facts import Facts
from graph.filters import Filters
from graph.market import Market, coming_market
from graph.parts import By, Measured, distinct_pairs, group_table, measured
from graph.regroupings import Ints, regroupings
from graph.schemes import DEFAULT_SCHEME, Scheme, Schemes, load_schemes
from graph.scores import order_of, points, score, shaken_ranks
from graph.shown import shown_contacts
from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import UsageError

__all__ = [
    "By", "concentration", "gini", "rank", "rank_by", "rank_read", "rank_sellers", "require_sellers", "share_of_top",
    "top_share", "unresolved",
]  # fmt: skip

# What every ranking shows between the score and the points of each part.
FIGURES = (
    "ads", "new_ads", "growth", "active_days", "platforms", "platform_list", "accounts", "reach", "price_volume",
    "currency", "protection", "wild_claims", "hub", "betweenness", "share", "species", "first_ad", "last_ad",
)  # fmt: skip
_SELLER_UNITS = """
SELECT units.unit, (dense_rank() OVER (ORDER BY r.seller_id) - 1)::BIGINT AS id, r.seller_id AS name
FROM units JOIN (SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL) r ON r.account_id = units.name
ORDER BY units.unit
"""
_NETWORK_UNITS = """
SELECT units.unit, (dense_rank() OVER (ORDER BY network_id) - 1)::BIGINT AS id, network_id AS name
FROM units JOIN (SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL) r ON r.account_id = units.name
JOIN members USING (seller_id) ORDER BY units.unit
"""
# A network is called by its member with the most ads.
_NETWORK_NAMES = """
WITH counted AS (SELECT seller_id, count(*) AS ads FROM ads WHERE seller_id IS NOT NULL GROUP BY seller_id),
named AS (
    SELECT network_id, count(*) AS n, arg_max(coalesce(name, seller_id), (coalesce(ads, 0), seller_id)) AS first
    FROM members LEFT JOIN counted USING (seller_id) LEFT JOIN sellers USING (seller_id) GROUP BY network_id
)
SELECT network_id AS id, first || ' and ' || (n - 1) || ' more' AS called FROM named
"""
_LISTS = """
WITH placed AS (
    SELECT id, list(DISTINCT platform ORDER BY platform) AS platform_list
    FROM places JOIN groups USING (unit) GROUP BY id
), offered AS (
    SELECT id, taxon_id, sum(n) AS n FROM species JOIN groups USING (unit) GROUP BY ALL
), listed AS (SELECT id, list(taxon_id ORDER BY n DESC, taxon_id) AS species FROM offered GROUP BY id),
known AS (SELECT id, count(DISTINCT account_id) AS accounts FROM accounts JOIN groups USING (unit) GROUP BY id)
SELECT id, coalesce(platform_list, []) AS platform_list, coalesce(species, []) AS species,
       coalesce(accounts, 0) AS accounts
FROM (SELECT DISTINCT id FROM groups) LEFT JOIN placed USING (id) LEFT JOIN listed USING (id) LEFT JOIN known USING (id)
"""
_SHOWN = """
SELECT p.*, platform_list, species, accounts, ads / $total AS share, $currency AS currency
FROM ranked p LEFT JOIN lists USING (id) ORDER BY rank
"""
_CALLED = "SELECT ids.id, coalesce(called, ids.id) AS name FROM ids LEFT JOIN names USING (id) ORDER BY place"
# What the id of each kind is called in the result.
_ID = {
    "seller": "seller_id",
    "network": "network_id",
    "account": "account_id",
    "contact": "contact_id",
    "platform": "platform_id",
}


def rank_sellers(store: GraphStore, *, timezone: str = DEFAULT_TIMEZONE, **asked: Any) -> pa.Table:
    """`rank` of the sellers of a store; `timezone` is that of the days that are counted as active."""
    return rank_by(store, "seller", timezone=timezone, **asked)


def rank_by(store: GraphStore, by: By, *, timezone: str = DEFAULT_TIMEZONE, **asked: Any) -> pa.Table:
    """`rank` of sellers, networks, accounts, contacts or platforms of a store, contacts with readable names."""
    with coming_market(store, timezone, narrow=not asked.get("place")) as market:
        return rank_read(store, market, by, **asked)


def rank_read(store: GraphStore, market: Market, by: By, **asked: Any) -> pa.Table:
    """`rank_by` of a market that was read already; the store tells what contacts are called."""
    shown = shown_contacts(store) if by in ("contact", "platform") else None
    found = rank(market, by=by, shown=shown, **asked)
    if by != "contact":
        return found
    captions = contact_captions(store, found["contact_id"].to_pylist()).rename_columns(["id", "kind", "called"])
    return found.set_column(found.schema.get_field_index("name"), "name", _called(found["contact_id"], captions))


def rank(
    market: Market,
    *,
    by: By = "seller",
    scheme: str = DEFAULT_SCHEME,
    schemes: Path | None = None,
    species: str | None = None,
    platform: str | None = None,
    kind: str | None = None,
    place: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 20,
    intervals: bool = True,
    shown: pa.Table | None = None,
) -> pa.Table:
    """Those with an advertisement under the filter, by score, then ads, active days, platforms, then id.

    Args:
        by: what is ranked. shown: see graph.shown, needed for contacts and platforms.
        scheme: a name in graph/schemes.yaml or in the user's file `schemes`.
        species: id or name of a taxon: only ads that offer it. platform: slug or name. kind: kind of platform.
        place: only ads whose place holds these words. since, until: UTC without offset; from `since` on, before
            `until`, by the time seen.
        limit: rows at most; None for all. intervals: False leaves rank_best and rank_worst out, which is quicker.

    Returns:
        rank; rank_best and rank_worst, the span that it moves in when each weight is made a fifth smaller and a quarter
        larger, uncertain merges are taken back and likely ones made (sellers; see graph.regroupings); seller_id
        (network_id, account_id, contact_id, platform_id), name, score (0 to 100); the figures: the parts of
        graph/schemes.yaml, platform_list (slugs), accounts, currency (of price_volume), share (of all ads under the
        filter, those without a known account included), species (taxon ids, most first), first_ad, last_ad (UTC); and
        for each part that the scheme weighs its points, e.g. ads_points, which sum to the score. hub and betweenness
        are of the whole case and of the chosen ads respectively.

    Raises:
        UsageError: no sellers yet, an unknown scheme, or a species, platform or kind that the case does not know.
    """
    if by in ("seller", "network"):
        require_sellers(market.facts)
    known = load_schemes(schemes)
    chosen = known.scheme(scheme)
    filters = Filters(species, platform, kind, place, since, until)
    with measured(market, by, filters, known.period_days, shown) as units:
        groups = _groups(market, units, by)
        parts = units.parts(groups.numbers)
        ranked = _ranked(parts, chosen, known)
        if intervals:
            others = regroupings(market, groups.units, groups.numbers) if by == "seller" else ()
            ranked = _with_spans(_alternatives(units, groups.numbers, parts, others), groups, ranked, chosen, known)
        ranked = ranked.slice(0, limit) if limit is not None else ranked
        return _presented(units, groups, market, ranked, chosen, by)


@dataclass(frozen=True)
class _Groups:
    """The group of each unit, -1 for none, and what each group is called."""

    units: pa.Table
    numbers: Ints
    names: pa.Array


def _groups(market: Market, units: Measured, by: By) -> _Groups:
    named = units.units
    if by not in ("seller", "network"):
        return _Groups(named, np.arange(named.num_rows), named["name"].combine_chunks())
    query = _SELLER_UNITS if by == "seller" else _NETWORK_UNITS
    run = run_sql(query, {"units": named, "runs": market.facts.runs, "members": market.members})
    numbers = np.full(named.num_rows, -1)
    numbers[run["unit"].to_numpy()] = run["id"].to_numpy()
    names: npt.NDArray[np.object_] = np.empty(int(numbers.max(initial=-1)) + 1, dtype=object)
    names[run["id"].to_numpy()] = run["name"].to_numpy(zero_copy_only=False)
    return _Groups(named, numbers, pa.array(names, pa.string()))


def _ranked(parts: pa.Table, scheme: Scheme, known: Schemes) -> pa.Table:
    """The parts in order, with rank and score in front and points behind."""
    scores = score(parts, scheme, known.parts)
    for name, values in points(parts, scheme, known.parts).items():
        parts = parts.append_column(f"{name}_points", pa.array(np.round(values, 2)))
    parts = parts.append_column("score", pa.array(np.round(scores, 2)))
    ordered = parts.take(pa.array(order_of(parts, scores)))
    return ordered.add_column(0, "rank", pa.array(np.arange(1, parts.num_rows + 1)))


def _alternatives(
    units: Measured, numbers: Ints, parts: pa.Table, others: Iterable[Ints]
) -> Iterator[tuple[Ints, pa.Table]]:
    """Groups of units and their parts: the scheme's own, then those with other merges."""
    yield numbers, parts
    for regrouped in others:
        yield regrouped, units.regrouped(parts, numbers, regrouped)


def _with_spans(
    alternatives: Iterable[tuple[Ints, pa.Table]], groups: _Groups, ranked: pa.Table, scheme: Scheme, known: Schemes
) -> pa.Table:
    """With rank_best and rank_worst, under other weights and merges."""
    best = ranked["rank"].to_numpy().copy()
    worst = best.copy()
    for numbers, parts in alternatives:
        row, other = _same_units(groups.numbers, numbers, ranked["id"].to_numpy(), parts["id"].to_numpy())
        for high, low in shaken_ranks(parts, scheme, known.parts):
            best = np.minimum(best, _highest(high, row, other, len(best)))
            # Sellers taken apart make more ranks than there are rows.
            worst = np.maximum(worst, np.minimum(_highest(low, row, other, len(best)), len(best)))
    spans = {"rank_best": best, "rank_worst": worst}
    for name, values in spans.items():
        ranked = ranked.append_column(name, pa.array(values))
    return ranked


def _highest(ranks: Ints, row: Ints, other: Ints, count: int) -> Ints:
    """The rank of each row; of a seller who falls apart that of the part that stands highest."""
    reached = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(reached, row, ranks[other])
    return reached


def _same_units(numbers: Ints, others: Ints, ids: Ints, other_ids: Ints) -> tuple[Ints, Ints]:
    """Rows of `ids`, and rows of `other_ids` that hold a unit of theirs."""
    rows, places = _rows_of(numbers, ids), _rows_of(others, other_ids)
    both = (rows >= 0) & (places >= 0)
    row, place, _ = distinct_pairs(rows[both], places[both])
    return row, place


def _rows_of(numbers: Ints, ids: Ints) -> Ints:
    """The row of each unit's group; -1 for groups without an ad."""
    row = np.full(int(max(numbers.max(initial=-1), ids.max(initial=-1))) + 2, -1)
    row[ids] = np.arange(len(ids))
    # The last place stands for units without a group.
    found: Ints = row[numbers]
    return found


def _presented(units: Measured, groups: _Groups, market: Market, ranked: pa.Table, scheme: Scheme, by: By) -> pa.Table:
    """The result's columns, with ids and names for numbers."""
    shown_only = np.where(np.isin(groups.numbers, ranked["id"].to_numpy()), groups.numbers, -1)
    lists = units.table(_LISTS, group_table(shown_only))
    counted = {"total": units.ads, "currency": units.currency}
    shown = run_sql(_SHOWN, {"ranked": ranked, "lists": lists}, counted)
    ids = groups.names.take(shown["id"].combine_chunks())
    shown = shown.drop_columns("id").append_column("id", ids).append_column("name", _called(ids, _names(market, by)))
    spans = [name for name in ("rank_best", "rank_worst") if name in shown.column_names]
    parts = [f"{part}_points" for part in scheme.weights]
    wanted = shown.select(["rank", *spans, "id", "name", "score", *FIGURES, *parts])
    return wanted.rename_columns([_ID[by] if name == "id" else name for name in wanted.column_names])


def _names(market: Market, by: By) -> pa.Table:
    """id, called."""
    facts = market.facts
    if by == "network":
        return run_sql(_NETWORK_NAMES, {"ads": facts.ads, "members": market.members, "sellers": facts.sellers})
    named = {
        "seller": facts.sellers.select(["seller_id", "name"]),
        "account": facts.accounts.select(["account_id", "name"]),
        "platform": facts.platforms.select(["platform", "name"]),
        "contact": facts.sellers.slice(0, 0).select(["seller_id", "name"]),
    }
    return named[by].rename_columns(["id", "called"])


def _called(ids: pa.Array, names: pa.Table) -> pa.ChunkedArray:
    """The name of each id, itself where it has none."""
    places = pa.table({"id": ids, "place": pa.array(range(len(ids)), pa.int64())})
    return run_sql(_CALLED, {"ids": places, "names": names})["name"]


def unresolved(facts: Facts) -> int:
    """Number of accounts with advertisements that no resolution has seen yet; 0 before the first."""
    waiting = "SELECT count(DISTINCT account_id) AS n FROM ads WHERE account_id IS NOT NULL AND seller_id IS NULL"
    return int(run_sql(waiting, {"ads": facts.ads})["n"][0].as_py()) if facts.sellers.num_rows else 0


def require_sellers(facts: Facts) -> None:
    """Raise UsageError when there are ads but nobody has worked out the sellers."""
    if facts.ads.num_rows and not facts.sellers.num_rows:
        raise UsageError("no sellers yet: run sellergraph resolve")
