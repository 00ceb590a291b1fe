"""What a case holds, in the figures that an analyst asks for first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from graph.facts import TEXT, Facts, fetch, read_facts, read_of
from graph.ranking import concentration, share_of_top, unresolved
from graph.schema import load_schema
from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE

CONTACTS = ("Phone", "Handle", "Email", "Link", "QRCode")

_RUN_IDS = read_of("MATCH (s:Seller) RETURN DISTINCT s.run_id AS run_id", run_id=TEXT)

_MONTHS = """
SELECT CAST(date_trunc('month', day) AS DATE) AS month, kind, count(*) AS ads
FROM ads WHERE day IS NOT NULL GROUP BY ALL ORDER BY month, kind NULLS LAST
"""
_SPECIES = """
SELECT taxon_id, name_en, name_zh, cites, national_level, count(*) AS ads,
       count(*) / (SELECT count(*) FROM ads) AS share, count(DISTINCT seller_id) AS sellers
FROM offers JOIN ads USING (ad) LEFT JOIN taxa USING (taxon_id)
GROUP BY ALL ORDER BY ads DESC, taxon_id
"""
_TEXTLESS = """
SELECT kind, count(*) AS ads, count(*) FILTER (textless) AS textless, count(*) FILTER (textless) / count(*) AS share
FROM ads GROUP BY kind ORDER BY ads DESC, kind NULLS LAST
"""
# Whose ads count how much, per kind: graph.ranking.concentration for every kind at once.
_BY_KIND = """
WITH counted AS (
    SELECT kind, 'seller' AS what, seller_id AS id, count(*) AS n FROM ads WHERE seller_id IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT kind, 'account', account_id, count(*) FROM ads WHERE account_id IS NOT NULL GROUP BY ALL
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY kind, what ORDER BY n DESC, id) AS place FROM counted
), summed AS (
    SELECT kind, count(*) FILTER (what = 'seller') AS sellers, count(*) FILTER (what = 'account') AS accounts,
           coalesce(sum(n) FILTER (what = 'seller' AND place <= 10), 0)::BIGINT AS seller_ads,
           coalesce(sum(n) FILTER (what = 'account' AND place <= 10), 0)::BIGINT AS account_ads
    FROM placed GROUP BY kind
)
SELECT kind, total.ads, coalesce(sellers, 0) AS sellers, coalesce(seller_ads, 0) / total.ads AS top10,
       coalesce(accounts, 0) AS accounts, coalesce(account_ads, 0) / total.ads AS top10_accounts
FROM (SELECT kind, count(*) AS ads FROM ads WHERE kind IS NOT NULL GROUP BY kind) total LEFT JOIN summed USING (kind)
ORDER BY total.ads DESC, kind
"""


@dataclass(frozen=True)
class Run:
    """The last resolution: `at` is UTC without offset, None when the run's id does not tell."""

    run_id: str
    at: datetime | None


@dataclass(frozen=True)
class Overview:
    """Figures of a whole case.

    Attributes:
        counts: rows by label of the schema; `contacts`, the sum of all kinds of contact; `sellers`, those who
            run an account now; `platforms`, those with ads; `unresolved`, accounts that came after the last resolution.
        first_ad, last_ad: UTC without offset; None without dated ads.
        undated: ads without any time.
        months: month (first local day), kind of platform, ads.
        species: taxon_id, name_en, name_zh, cites, national_level, ads, share (of all ads), sellers.
        textless: kind, ads, textless, share.
        curve: concentration over sellers (rank, id, ads, share, cumulative).
        top10: share of all ads that the ten largest sellers posted.
        top10_by_kind: kind, ads, sellers, top10 (by seller), accounts, top10_accounts (by account).
        run: the last resolution, None before the first.
    """

    counts: dict[str, int]
    first_ad: datetime | None
    last_ad: datetime | None
    undated: int
    months: pa.Table
    species: pa.Table
    textless: pa.Table
    curve: pa.Table
    top10: float
    top10_by_kind: pa.Table
    run: Run | None


def overview(store: GraphStore, timezone: str = DEFAULT_TIMEZONE) -> Overview:
    """Read the case once and count; `timezone` is that of months and days."""
    return describe(read_facts(store, timezone), store.counts(), last_run(store))


def describe(facts: Facts, counts: Mapping[str, int], run: Run | None) -> Overview:
    """`overview` over facts that have been read already."""
    ends = pc.min_max(facts.ads["seen_at"]).as_py()
    curve = concentration(facts)
    return Overview(
        counts=_counts(counts)
        | {
            "sellers": len(facts.runs["seller_id"].unique()),
            "platforms": len(facts.ads["platform"].unique()),
            "unresolved": unresolved(facts),
        },
        first_ad=ends["min"],
        last_ad=ends["max"],
        undated=facts.ads["seen_at"].null_count,
        months=run_sql(_MONTHS, {"ads": facts.ads}),
        species=run_sql(_SPECIES, {"ads": facts.ads, "offers": facts.offers, "taxa": facts.taxa}),
        textless=run_sql(_TEXTLESS, {"ads": facts.ads}),
        curve=curve,
        top10=share_of_top(curve),
        top10_by_kind=run_sql(_BY_KIND, {"ads": facts.ads}),
        run=run,
    )


def last_run(store: GraphStore) -> Run | None:
    """The last resolution: the sellers carry its id, which ends in its time."""
    runs = sorted(run for run in fetch(store, _RUN_IDS)["run_id"].to_pylist() if run)
    return Run(runs[-1], _time_of(runs[-1])) if runs else None


def _time_of(run_id: str) -> datetime | None:
    """The time in an id like resolve:2026-11-25T01:02:03.000004Z."""
    try:
        moment = datetime.fromisoformat(run_id.partition(":")[2])
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    labels = {label: counts.get(label, 0) for label in load_schema().nodes}
    return labels | {"contacts": sum(labels[label] for label in CONTACTS)}
