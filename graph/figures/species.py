"""What is offered: shares of species, of one period or two, goods of some days, chelonians with their status."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import TEXT, Facts, fetch, read_of
from graph.figures.scope import CHELONIAN, EVERYTHING, IN_SCOPE, OFFERED, By, Period, Scope, count, species_groups
from graph.stores.base import GraphStore

# The report's surveys of second-hand and handicraft apps and of reptile sites looked back a week.
WEEK = 7
# Sea turtles are chelonians too, though their group in trade is another.
SEA_TURTLES = ["hawksbill"]

_GOODS_READ = read_of(
    """MATCH (ad:Ad)-[:OFFERS]->(c:Commodity)
    RETURN DISTINCT ad.id AS ad_id, c.id AS commodity_id, c.taxon_id AS taxon_id, c.part AS part""",
    ad_id=TEXT, commodity_id=TEXT, taxon_id=TEXT, part=TEXT,
)  # fmt: skip
_SHARES = (
    IN_SCOPE
    + OFFERED
    + """
SELECT species, name_en, name_zh, count(*) AS ads, count(*) / (SELECT count(*) FROM offered) AS share
FROM offered GROUP BY species, name_en, name_zh ORDER BY ads DESC, species
"""
)
_COMPARED = (
    IN_SCOPE
    + OFFERED
    + """, marked AS (
    SELECT *, day >= $earlier_since::DATE AND day < $earlier_until::DATE AS earlier,
           day >= $later_since::DATE AND day < $later_until::DATE AS later
    FROM offered
), whole AS (
    SELECT nullif(count(*) FILTER (earlier), 0) AS earlier_whole, nullif(count(*) FILTER (later), 0) AS later_whole
    FROM marked
), counted AS (
    SELECT species, name_en, name_zh, count(*) FILTER (earlier) AS earlier_ads, count(*) FILTER (later) AS later_ads
    FROM marked WHERE earlier OR later GROUP BY species, name_en, name_zh
)
SELECT species, name_en, name_zh, earlier_ads, earlier_ads / earlier_whole AS earlier_share,
       later_ads, later_ads / later_whole AS later_share,
       round(100.0 * (later_ads / later_whole - earlier_ads / earlier_whole), 9) AS change_points
FROM counted, whole ORDER BY earlier_ads + later_ads DESC, species
"""
)
_GOODS = (
    IN_SCOPE
    + OFFERED
    + """, ends AS (
    SELECT coalesce($until::DATE - 1, max(day)) AS last_day FROM chosen
), near AS (
    SELECT offered.*, last_day FROM offered, ends WHERE day > last_day - $days::INTEGER AND day <= last_day
), whole AS (
    SELECT species, count(*) AS species_ads FROM near GROUP BY species
)
SELECT near.species, near.name_en, near.name_zh, species_ads, commodity_id, part, count(*) AS ads,
       count(DISTINCT near.platform) AS platforms, last_day - $days::INTEGER + 1 AS first_day, last_day
FROM near JOIN goods USING (ad_id) LEFT JOIN species_groups USING (taxon_id) JOIN whole ON whole.species = near.species
WHERE coalesce(species_groups.species, goods.taxon_id) = near.species
GROUP BY ALL ORDER BY species_ads DESC, near.species, ads DESC, commodity_id
"""
)
_CHELONIANS = (
    IN_SCOPE
    + """, counted AS (
    SELECT taxon_id, count(DISTINCT ad_id) AS ads FROM chosen JOIN offers USING (ad)
    WHERE taxon_id IN (SELECT taxon_id FROM species_groups WHERE species = $group) OR list_contains($more, taxon_id)
    GROUP BY taxon_id
)
SELECT taxon_id, name_en, name_zh, scientific_name, ads, ads / sum(ads) OVER () AS share,
       sum(ads) OVER (ORDER BY ads DESC, taxon_id) / sum(ads) OVER () AS cumulative,
       cites, red_list, national_level, status_date
FROM counted JOIN taxa USING (taxon_id) ORDER BY ads DESC, taxon_id
"""
)


def read_goods(store: GraphStore) -> pa.Table:
    """ad_id, commodity_id, taxon_id, part: what each advertisement offers, part by part."""
    return fetch(store, _GOODS_READ)


def species_shares(facts: Facts, scope: Scope = EVERYTHING, by: By = "group") -> pa.Table:
    """Share of each species: the report's figure 6 (kind social_media).

    Returns:
        species (id of the group or taxon), name_en, name_zh, ads, share (0 to 1, of all rows together: an advertisement
        that offers two species counts for both, one in which none was read for none).
    """
    return count(_SHARES, facts, scope, {"species_groups": species_groups(by)})


def species_compared(
    facts: Facts, earlier: Period, later: Period, scope: Scope = EVERYTHING, by: By = "group"
) -> pa.Table:
    """Shares of species in two periods, side by side: the report's figure 3 (kind website).

    Returns:
        species, name_en, name_zh, earlier_ads, earlier_share, later_ads, later_share (as in `species_shares`; null
        when the period has none), change_points (percentage points).
    """
    ends = {"earlier_since": earlier.since, "earlier_until": earlier.until}
    ends |= {"later_since": later.since, "later_until": later.until}
    return count(_COMPARED, facts, scope, {"species_groups": species_groups(by)}, **ends)


def goods_within_days(
    facts: Facts, goods: pa.Table, scope: Scope = EVERYTHING, days: int = WEEK, by: By = "group"
) -> pa.Table:
    """What was offered in the last days of the scope: the report's figure 12 (kind second_hand, a week).

    Args:
        goods: of `read_goods`. days: local days, ending with the scope's last, or the last with an advertisement.

    Returns:
        species, name_en, name_zh, species_ads (of the whole species), commodity_id, part, ads, platforms (number),
        first_day, last_day (of the window).
    """
    return count(_GOODS, facts, scope, {"species_groups": species_groups(by), "goods": goods}, days=days)


def chelonians(facts: Facts, scope: Scope = EVERYTHING) -> pa.Table:
    """Tortoises and turtles with their legal status: the report's table 1 (kind live_reptile).

    Returns:
        taxon_id, name_en, name_zh, scientific_name, ads, share and cumulative (0 to 1, of the table's sum), cites,
        red_list, national_level, status_date (ISO 8601).
    """
    return count(_CHELONIANS, facts, scope, {"species_groups": species_groups()}, group=CHELONIAN, more=SEA_TURTLES)
