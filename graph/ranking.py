"""Rank sellers by what they advertise, and say how concentrated the market is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pyarrow as pa

from graph.facts import Facts, read_facts
from graph.names import known_kind, known_platform, known_taxon
from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import UsageError

By = Literal["seller", "account"]

_RANK = """
WITH chosen AS (
    SELECT * FROM ads
    WHERE ($platform IS NULL OR platform = $platform)
      AND ($kind IS NULL OR kind = $kind)
      AND ($since IS NULL OR seen_at >= $since::TIMESTAMP)
      AND ($until IS NULL OR seen_at < $until::TIMESTAMP)
      AND ($species IS NULL OR ad_id IN (SELECT ad_id FROM offers WHERE taxon_id = $species))
), offered AS (
    SELECT seller_id, taxon_id, count(*) AS n
    FROM chosen JOIN offers USING (ad_id) WHERE seller_id IS NOT NULL GROUP BY ALL
), species AS (
    SELECT seller_id, list(taxon_id ORDER BY n DESC, taxon_id) AS species FROM offered GROUP BY seller_id
), counted AS (
    SELECT seller_id, count(*) AS ads, count(DISTINCT day) AS active_days,
           count(DISTINCT platform) AS platforms, list(DISTINCT platform ORDER BY platform) AS platform_list,
           count(DISTINCT account_id) AS accounts, min(seen_at) AS first_ad, max(seen_at) AS last_ad
    FROM chosen WHERE seller_id IS NOT NULL GROUP BY seller_id
)
SELECT row_number() OVER (ORDER BY ads DESC, active_days DESC, platforms DESC, seller_id) AS rank,
       seller_id, coalesce(name, seller_id) AS name, ads, active_days, platforms, platform_list, accounts,
       ads / (SELECT count(*) FROM chosen) AS share, coalesce(species, []) AS species, first_ad, last_ad
FROM counted LEFT JOIN sellers USING (seller_id) LEFT JOIN species USING (seller_id)
ORDER BY rank LIMIT $most
"""
_CONCENTRATION = """
WITH chosen AS (
    SELECT CASE WHEN $seller THEN seller_id ELSE account_id END AS id FROM ads WHERE $kind IS NULL OR kind = $kind
), counted AS (
    SELECT id, count(*) AS ads FROM chosen WHERE id IS NOT NULL GROUP BY id
)
SELECT row_number() OVER (ORDER BY ads DESC, id) AS rank, id, ads,
       ads / (SELECT count(*) FROM chosen) AS share,
       CAST(sum(ads) OVER (ORDER BY ads DESC, id) AS BIGINT) / (SELECT count(*) FROM chosen) AS cumulative
FROM counted ORDER BY rank
"""
# More rows than any case has: DuckDB takes no null as a limit.
_ALL = 2**62


def rank_sellers(
    store: GraphStore,
    *,
    species: str | None = None,
    platform: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 20,
    timezone: str = DEFAULT_TIMEZONE,
) -> pa.Table:
    """Sellers by advertisements, then active days, then platforms, then id.

    Args:
        species: id or name of a taxon: only ads that offer it.
        platform: slug or name. kind: kind of platform.
        since, until: UTC without offset; from `since` on, before `until`, by the time seen.
        limit: rows at most; None for all.
        timezone: of the days that are counted as active.

    Returns:
        rank, seller_id, name, ads, active_days, platforms (number), platform_list (slugs), accounts,
        share (of all ads under the same filter, those without a known account included), species
        (taxon ids, most first), first_ad, last_ad (UTC).

    Raises:
        UsageError: no sellers yet, or a species, platform or kind that the case does not know.
    """
    facts = read_facts(store, timezone)
    return rank(facts, species=species, platform=platform, kind=kind, since=since, until=until, limit=limit)


def rank(
    facts: Facts,
    *,
    species: str | None = None,
    platform: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 20,
) -> pa.Table:
    """`rank_sellers` over facts that have been read already."""
    require_sellers(facts)
    params = {
        "species": known_taxon(facts.taxa, species),
        "platform": known_platform(facts.platforms, platform),
        "kind": known_kind(facts.platforms, kind),
        "since": since,
        "until": until,
        "most": _ALL if limit is None else limit,
    }
    return run_sql(_RANK, {"ads": facts.ads, "offers": facts.offers, "sellers": facts.sellers}, params)


def unresolved(facts: Facts) -> int:
    """Number of accounts with advertisements that no resolution has seen yet; 0 before the first."""
    waiting = "SELECT count(DISTINCT account_id) AS n FROM ads WHERE account_id IS NOT NULL AND seller_id IS NULL"
    return int(run_sql(waiting, {"ads": facts.ads})["n"][0].as_py()) if facts.sellers.num_rows else 0


def require_sellers(facts: Facts) -> None:
    """Raise UsageError when there are ads but nobody has worked out the sellers."""
    if facts.ads.num_rows and not facts.sellers.num_rows:
        raise UsageError("no sellers yet: run sellergraph resolve")


def concentration(facts: Facts, *, kind: str | None = None, by: By = "seller") -> pa.Table:
    """The cumulative curve: rank, id, ads, share and cumulative share of all ads, largest first.

    Ads without a known account count in the whole, so the curve may end below 1.
    """
    params = {"kind": known_kind(facts.platforms, kind), "seller": by == "seller"}
    return run_sql(_CONCENTRATION, {"ads": facts.ads}, params)


def top_share(store: GraphStore, k: int = 10, kind: str | None = None, by: By = "seller") -> float:
    """Share of the ads that the k largest sellers (or accounts) posted, 0 to 1; 0 without ads.

    Args:
        kind: only ads on this kind of platform.
    """
    return share_of_top(concentration(read_facts(store), kind=kind, by=by), k)


def share_of_top(curve: pa.Table, k: int = 10) -> float:
    """The cumulative share after the first k rows of a concentration curve."""
    top = curve.slice(0, k)["cumulative"]
    return float(top[-1].as_py()) if len(top) else 0.0
