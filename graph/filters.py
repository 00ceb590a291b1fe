"""Which advertisements count: by species, platform, kind of platform, place and period; alike for every analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from graph.facts import Facts
from graph.market import Market
from graph.names import known_kind, known_platform, known_species
from graph.sql import run_sql

# Places are compared without blanks and case: '福建 莆田' is a place of '福建' and of '福建莆田'.
_CHOSEN = """
SELECT * FROM ads
WHERE ($platform IS NULL OR platform = $platform)
  AND ($kind IS NULL OR kind = $kind)
  AND ($place IS NULL OR contains(replace(lower(location), ' ', ''), replace(lower($place), ' ', '')))
  AND ($since IS NULL OR seen_at >= $since::TIMESTAMP)
  AND ($until IS NULL OR seen_at < $until::TIMESTAMP)
  AND ($species IS NULL OR ad IN (SELECT ad FROM offers WHERE list_contains($species::VARCHAR[], taxon_id)))
"""


@dataclass(frozen=True)
class Filters:
    """Only ads under all of these count; None lets all pass.

    Attributes:
        species: id or name of a taxon, or of a group of them, that the ad offers.
        platform: slug or name. kind: kind of platform.
        place: words that the ad's place holds; blank is none.
        since, until: UTC without offset; from `since` on, before `until`, by the time seen.
    """

    species: str | None = None
    platform: str | None = None
    kind: str | None = None
    place: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def narrowed(market: Market, filters: Filters) -> Market:
    """The market of these ads alone, with the hops that they make."""
    ads = chosen_ads(market.facts, filters)
    if ads is market.facts.ads:
        return market
    rows = run_sql("SELECT hops.* FROM hops SEMI JOIN ads USING (ad)", {"hops": market.hops.rows, "ads": ads})
    return replace(market, facts=replace(market.facts, ads=ads), hops=replace(market.hops, rows=rows))


def chosen_ads(facts: Facts, filters: Filters) -> pa.Table:
    """The rows of facts.ads under the filters, in any order.

    Raises:
        UsageError: the case does not know the species, platform or kind; the message names near or all known ones.
    """
    params = {
        "species": known_species(facts.taxa, filters.species),
        "platform": known_platform(facts.platforms, filters.platform),
        "kind": known_kind(facts.platforms, filters.kind),
        "place": (filters.place or "").strip() or None,
        "since": filters.since,
        "until": filters.until,
    }
    if not any(params.values()):
        return facts.ads
    return run_sql(_CHOSEN, {"ads": facts.ads, "offers": facts.offers}, params)
