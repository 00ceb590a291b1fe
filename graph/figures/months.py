"""Figures by month: new advertisements, species, advertisements without words."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import Facts
from graph.figures.scope import COVERED, EVERYTHING, IN_SCOPE, OFFERED, By, Scope, count, species_groups

_NEW_ADS = (
    IN_SCOPE
    + COVERED
    + """, counted AS (
    SELECT month, count(ad_id) AS ads
    FROM covered LEFT JOIN chosen ON month = date_trunc('month', day)::DATE GROUP BY month
)
SELECT month, ads, avg(ads) OVER () AS average,
       CASE WHEN min(ads) OVER () = max(ads) OVER () THEN NULL
            WHEN ads = max(ads) OVER () THEN 'peak' WHEN ads = min(ads) OVER () THEN 'lowest' END AS mark
FROM counted ORDER BY month
"""
)
_SPECIES = (
    IN_SCOPE
    + OFFERED
    + """, months AS (
    SELECT date_trunc('month', day)::DATE AS month, count(*) AS month_ads FROM chosen WHERE day IS NOT NULL GROUP BY ALL
)
SELECT month, species, name_en, name_zh, count(*) AS ads, any_value(month_ads) AS month_ads
FROM offered JOIN months ON month = date_trunc('month', day)::DATE
GROUP BY month, species, name_en, name_zh ORDER BY month, ads DESC, species
"""
)
_TEXTLESS = (
    IN_SCOPE
    + """
SELECT date_trunc('month', day)::DATE AS month, kind, count(*) AS ads, count(*) FILTER (textless) AS textless,
       count(*) FILTER (textless) / count(*) AS share
FROM chosen WHERE day IS NOT NULL GROUP BY ALL ORDER BY month, kind NULLS LAST
"""
)


def new_ads(facts: Facts, scope: Scope = EVERYTHING) -> pa.Table:
    """New advertisements a month with the average, the peak and the lowest: the report's figure 1 (kind website).

    The months run from the first to the last of the scope, or of its advertisements; those without any are among
    them, but for those before the case's first advertisement of any kind and after its last, of which nothing is
    known. A month of which the scope cuts off a part counts as one.

    Returns:
        month (first local day), ads, average (of all months), mark ('peak', 'lowest' or null; null where all are
        equal).
    """
    return count(_NEW_ADS, facts, scope)


def species_by_month(facts: Facts, scope: Scope = EVERYTHING, by: By = "group") -> pa.Table:
    """Advertisements by species and month: the report's figure 9 (kind online_community).

    Returns:
        month (first local day), species (id of the group or taxon), name_en, name_zh, ads, month_ads (all of the
        month, those without a species included). One that offers two species counts for both.
    """
    return count(_SPECIES, facts, scope, {"species_groups": species_groups(by)})


def textless_by_month(facts: Facts, scope: Scope = EVERYTHING) -> pa.Table:
    """Advertisements without a word in title or text: what the report's figures 7 and 8 show, and a keyword misses.

    Returns:
        month (first local day), kind (of platform, null when unknown), ads, textless, share (0 to 1).
    """
    return count(_TEXTLESS, facts, scope)
