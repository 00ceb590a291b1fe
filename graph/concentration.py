"""How few sellers or accounts post most of the advertisements: cumulative curve, share of the top, Gini coefficient."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pyarrow as pa

from graph.facts import Facts, read_facts
from graph.filters import Filters, chosen_ads
from graph.sql import run_sql
from graph.stores.base import GraphStore

Poster = Literal["seller", "account"]

_CONCENTRATION = """
WITH chosen AS (
    SELECT CASE WHEN $seller THEN seller_id ELSE account_id END AS id FROM ads
), counted AS (
    SELECT id, count(*) AS ads FROM chosen WHERE id IS NOT NULL GROUP BY id
)
SELECT row_number() OVER (ORDER BY ads DESC, id) AS rank, id, ads,
       ads / (SELECT count(*) FROM chosen) AS share,
       CAST(sum(ads) OVER (ORDER BY ads DESC, id) AS BIGINT) / (SELECT count(*) FROM chosen) AS cumulative
FROM counted ORDER BY rank
"""


def concentration(
    facts: Facts,
    *,
    kind: str | None = None,
    by: Poster = "seller",
    species: str | None = None,
    platform: str | None = None,
    place: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pa.Table:
    """The cumulative curve: rank, id, ads, share and cumulative share of all ads under the filter, largest first.

    Ads without a known account count in the whole, so the curve may end below 1.

    Args:
        kind, platform, species, place: as in graph.ranking.rank. since, until: UTC; from `since` on, before `until`.

    Raises:
        UsageError: a filter names what the case does not know.
    """
    ads = chosen_ads(facts, Filters(species, platform, kind, place, since, until))
    return run_sql(_CONCENTRATION, {"ads": ads}, {"seller": by == "seller"})


def top_share(store: GraphStore, k: int = 10, kind: str | None = None, by: Poster = "seller") -> float:
    """Share of the ads that the k largest sellers (or accounts) posted, 0 to 1; 0 without ads.

    Args:
        kind: only ads on this kind of platform.
    """
    return share_of_top(concentration(read_facts(store), kind=kind, by=by), k)


def share_of_top(curve: pa.Table, k: int = 10) -> float:
    """The cumulative share after the first k rows of a concentration curve."""
    top = curve.slice(0, k)["cumulative"]
    return float(top[-1].as_py()) if len(top) else 0.0


def gini(curve: pa.Table) -> float:
    """Gini coefficient of the ads of the curve's posters: 0 when all post as many, near 1 when one posts all.

    Ads of unknown accounts, and accounts without ads, do not count. 0 without posters.
    """
    ads: list[int] = sorted(curve["ads"].to_pylist())
    whole, n = sum(ads), len(ads)
    if not whole:
        return 0.0
    # C. Gini 1912; the form by ranks is that of Dixon et al., Bootstrapping the Gini coefficient of inequality, 1987.
    return sum((2 * rank - n - 1) * value for rank, value in enumerate(ads, start=1)) / (n * whole)
