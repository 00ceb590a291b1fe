"""Which advertisements a figure counts, and how it names their species."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from graph.facts import TEXT, Facts
from graph.names import known_kind, known_platform, species_groups_file
from graph.sql import run_sql

By = Literal["group", "taxon"]
CHELONIAN = "chelonian"
_GROUPS = pa.schema([("taxon_id", TEXT), ("species", TEXT), ("group_en", TEXT), ("group_zh", TEXT)])

# How every figure begins: `day` is the local day on which the advertisement was posted, or captured where that is
# unknown; one without a day counts only where no period is asked for.
IN_SCOPE = """
WITH chosen AS (
    SELECT * FROM ads
    WHERE ($platform IS NULL OR platform = $platform) AND ($kind IS NULL OR kind = $kind)
      AND ($since IS NULL OR day >= $since::DATE) AND ($until IS NULL OR day < $until::DATE)
)"""
# One row an advertisement and species, however many of its parts or of a group's taxa it offers.
OFFERED = """, labels AS (
    SELECT taxon_id, coalesce(species, taxon_id) AS species, coalesce(group_en, name_en) AS name_en,
           coalesce(group_zh, name_zh) AS name_zh
    FROM (SELECT DISTINCT taxon_id FROM offers) LEFT JOIN taxa USING (taxon_id)
    LEFT JOIN species_groups USING (taxon_id)
), named AS (
    SELECT species, min(name_en) AS name_en, min(name_zh) AS name_zh FROM labels GROUP BY species
), kinds AS (
    SELECT DISTINCT ad_id, species FROM chosen JOIN offers USING (ad) JOIN labels USING (taxon_id)
), offered AS (
    SELECT chosen.*, species, named.name_en, named.name_zh
    FROM kinds JOIN chosen USING (ad_id) JOIN named USING (species)
)"""
# Months without an advertisement are months too: an average over those that have one would be too high. Before the
# case's first advertisement of any kind, and after its last, nobody looked: those months are unknown, not empty.
COVERED = """, watched AS (
    SELECT min(day) AS opening, max(day) AS closing FROM ads
), covered AS (
    SELECT unnest(generate_series(
               date_trunc('month', CASE WHEN $since IS NULL OR any_value(opening) IS NULL THEN min(day)
                                        ELSE greatest($since::DATE, any_value(opening)) END),
               date_trunc('month', CASE WHEN $until IS NULL OR any_value(opening) IS NULL THEN max(day)
                                        ELSE least($until::DATE - 1, any_value(closing)) END),
               INTERVAL 1 MONTH))::DATE AS month
    FROM watched LEFT JOIN chosen ON true
)"""


class Period(NamedTuple):
    """Local days from `since` on, before `until`."""

    since: date
    until: date


@dataclass(frozen=True)
class Scope:
    """The advertisements that are counted; None leaves a side open.

    Attributes:
        kind: kind of platform, e.g. website. platform: slug or name.
        since, until: local days of the case's time zone; from `since` on, before `until`.
    """

    kind: str | None = None
    platform: str | None = None
    since: date | None = None
    until: date | None = None

    def params(self, facts: Facts) -> dict[str, Any]:
        """The parameters of IN_SCOPE.

        Raises:
            UsageError: a kind or platform that the case does not know.
        """
        kind, platform = known_kind(facts.platforms, self.kind), known_platform(facts.platforms, self.platform)
        return {"kind": kind, "platform": platform, "since": self.since, "until": self.until}


EVERYTHING = Scope()


def count(
    query: str, facts: Facts, scope: Scope, tables: Mapping[str, pa.Table] | None = None, **params: object
) -> pa.Table:
    """Run one statement that begins with IN_SCOPE; it may name ads, offers, taxa, accounts, sellers and `tables`."""
    known = {"ads": facts.ads, "offers": facts.offers, "taxa": facts.taxa, "sellers": facts.sellers}
    known["accounts"] = facts.accounts.select(["account_id", "name"])
    return run_sql(query, known | dict(tables or {}), scope.params(facts) | params)


def species_groups(by: By = "group") -> pa.Table:
    """Which group each taxon counts in: taxon_id, species, group_en, group_zh; no rows by taxon."""
    return _grouped() if by == "group" else _GROUPS.empty_table()


@cache
def _grouped() -> pa.Table:
    rows = [
        {"taxon_id": taxon, "species": group, "group_en": row["name_en"], "group_zh": row["name_zh"]}
        for group, row in species_groups_file().items()
        for taxon in row["taxa"]
    ]
    return pa.Table.from_pylist(rows, schema=_GROUPS)
