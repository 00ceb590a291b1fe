"""What a score is made of: the figures of each seller, account, contact or platform under a filter.

Figures are counted a unit first (an account, a contact, a platform), then summed over the groups of units that are
ranked, so that the same accounts can be grouped anew: with uncertain merges and without.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from graph.betweenness import betweenness_of_platforms, platform_betweenness
from graph.filters import Filters, chosen_ads
from graph.market import Market
from graph.protection import ad_protection
from graph.sql import sql_session

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

By = Literal["seller", "network", "account", "contact", "platform"]

# Protection is summed in whole thousandths: exact in any order.
_CHOSEN = """
CREATE TEMP TABLE chosen AS
SELECT ad_id, platform, account_id, seen_at, day, views, price_cents, currency, wild,
       (coalesce(protection, 0) * 1000)::BIGINT AS protection_milli
FROM ads LEFT JOIN protected USING (ad_id)
"""
# Whose post each ad is.
_POSTS = {
    "account": "CREATE TEMP VIEW named AS SELECT *, account_id AS name FROM chosen WHERE account_id IS NOT NULL",
    "platform": "CREATE TEMP VIEW named AS SELECT *, platform AS name FROM chosen WHERE platform IS NOT NULL",
    "contact": "CREATE TEMP VIEW named AS SELECT chosen.*, contact_id AS name FROM chosen JOIN shown USING (ad_id)",
}
# The end of the last period: of the chosen one, or just after the last ad.
_PERIOD = """
CREATE TEMP TABLE period AS
SELECT coalesce($until::TIMESTAMP, max(seen_at) + INTERVAL 1 MICROSECOND) AS ending,
       ending - to_days($days::INTEGER) AS recent, recent - to_days($days::INTEGER) AS before FROM chosen
"""
_CURRENCY = """
CREATE TEMP TABLE commonest AS
SELECT currency FROM chosen WHERE price_cents IS NOT NULL AND currency IS NOT NULL
GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1
"""
_UNITS = """
CREATE TEMP TABLE units AS SELECT name, (row_number() OVER (ORDER BY name) - 1)::INTEGER AS unit
FROM (SELECT name FROM named UNION SELECT account_id FROM uses WHERE $by = 'account')
"""
# By number: of a million ads every join by name takes a tenth of a second.
_NUMBERED = "CREATE TEMP TABLE posts AS SELECT * EXCLUDE (name) FROM named JOIN units USING (name)"
_SUMS = """
CREATE TEMP TABLE sums AS
SELECT unit, count(*) AS ads, count(*) FILTER (seen_at >= recent AND seen_at < ending) AS new_ads,
       count(*) FILTER (seen_at >= before AND seen_at < recent) AS ads_before,
       coalesce(sum(views), 0)::BIGINT AS reach,
       coalesce(sum(price_cents) FILTER (currency = (SELECT currency FROM commonest)), 0)::BIGINT AS cents,
       sum(protection_milli)::BIGINT AS protection_milli, count(*) FILTER (wild) AS wild_claims,
       min(seen_at) AS first_ad, max(seen_at) AS last_ad
FROM posts CROSS JOIN period GROUP BY unit
"""
_DAYS = """
CREATE TEMP TABLE days AS SELECT DISTINCT unit, day FROM posts WHERE day IS NOT NULL
"""
_PLACES = "CREATE TEMP TABLE places AS SELECT DISTINCT unit, platform FROM posts"
_SPECIES = """
CREATE TEMP TABLE species AS
SELECT unit, taxon_id, count(*) AS n FROM posts JOIN offers USING (ad_id) GROUP BY ALL
"""
_ACCOUNTS = """
CREATE TEMP TABLE accounts AS
SELECT DISTINCT unit, account_id FROM posts WHERE account_id IS NOT NULL
"""
_LEADS = """
CREATE TEMP TABLE leads AS
SELECT DISTINCT unit, from_platform, to_platform
FROM (SELECT CASE WHEN $by = 'contact' THEN carrier ELSE account_id END AS name, * FROM hops) JOIN units USING (name)
SEMI JOIN chosen USING (ad_id)
"""
_SHOWN_BY = """
CREATE TEMP TABLE shown_by AS
SELECT DISTINCT unit, contact_id, role = 'own' AS own
FROM uses JOIN units ON units.name = account_id WHERE role <> 'warning' AND $by = 'account'
"""
# Contacts: by how many accounts. Platforms: how many of its contacts other platforms show too.
_HUBS = {
    "account": "CREATE TEMP TABLE hubs AS SELECT 0 AS unit, 0 AS hub WHERE false",
    "contact": "CREATE TEMP TABLE hubs AS SELECT unit, count(*) AS hub FROM accounts GROUP BY unit",
    "platform": """
CREATE TEMP TABLE hubs AS
SELECT unit, count(DISTINCT contact_id) AS hub FROM shown JOIN chosen USING (ad_id)
JOIN (SELECT contact_id FROM shown JOIN chosen USING (ad_id) GROUP BY contact_id HAVING count(DISTINCT platform) > 1)
     USING (contact_id)
JOIN units ON units.name = platform GROUP BY unit
""",
}
_STEPS = (_PERIOD, _CURRENCY, _UNITS, _NUMBERED, _SUMS, _DAYS, _PLACES, _SPECIES, _ACCOUNTS, _LEADS, _SHOWN_BY)
_PARTS = """
WITH summed AS (
    SELECT id, sum(ads)::BIGINT AS ads, sum(new_ads)::BIGINT AS new_ads, sum(ads_before)::BIGINT AS ads_before,
           sum(reach)::BIGINT AS reach, sum(cents) / 100 AS price_volume,
           sum(protection_milli) / 1000 AS protection, sum(wild_claims)::BIGINT AS wild_claims,
           min(first_ad) AS first_ad, max(last_ad) AS last_ad
    FROM sums JOIN groups USING (unit) GROUP BY id
), active AS (SELECT id, count(DISTINCT day) AS active_days FROM days JOIN groups USING (unit) GROUP BY id),
placed AS (SELECT id, count(DISTINCT platform) AS platforms FROM places JOIN groups USING (unit) GROUP BY id),
owned AS (SELECT DISTINCT id, contact_id FROM shown_by JOIN groups USING (unit) WHERE own),
passed AS (
    SELECT owned.id, count(DISTINCT s.unit) AS hub FROM owned JOIN shown_by s USING (contact_id)
    LEFT JOIN groups g ON g.unit = s.unit WHERE g.id IS DISTINCT FROM owned.id GROUP BY owned.id
    UNION ALL SELECT id, hub FROM hubs JOIN groups USING (unit)
)
SELECT id, ads, new_ads, coalesce(active_days, 0) AS active_days, coalesce(platforms, 0) AS platforms, reach,
       price_volume, protection, wild_claims, coalesce(hub, 0) AS hub, coalesce(betweenness, 0) AS betweenness,
       round(log2((new_ads + 1) / (ads_before + 1)), 6) AS growth, first_ad, last_ad
FROM summed LEFT JOIN active USING (id) LEFT JOIN placed USING (id) LEFT JOIN passed USING (id)
LEFT JOIN between_platforms USING (id)
ORDER BY id
"""
_GROUPED_LEADS = "SELECT id, from_platform, to_platform FROM leads JOIN groups USING (unit)"
# Of platforms the ways between them are told apart by account.
_WAYS = "SELECT account_id, from_platform, to_platform FROM hops SEMI JOIN chosen USING (ad_id)"
_OF_PLATFORMS = """
SELECT groups.id, found.betweenness FROM found JOIN units ON units.name = found.id JOIN groups USING (unit)
"""


class Measured:
    """Units of a market with their figures, ready to be grouped."""

    def __init__(self, db: DuckDBPyConnection, by: By) -> None:
        self._db, self._by = db, by

    @property
    def units(self) -> pa.Table:
        """name (account, contact or platform id), unit (number from 0 in the order of names)."""
        return self._db.sql("SELECT name, unit FROM units ORDER BY unit").to_arrow_table()

    @property
    def currency(self) -> str | None:
        """The commonest currency of the chosen ads, in which prices are summed."""
        found = self._db.sql("SELECT currency FROM commonest").fetchall()
        return str(found[0][0]) if found else None

    @property
    def ads(self) -> int:
        """Number of chosen ads, those of nobody included."""
        return int(self._db.sql("SELECT count(*) FROM chosen").fetchall()[0][0])

    def table(self, query: str, groups: pa.Table) -> pa.Table:
        """A query over this market's tables and `groups` (unit, id)."""
        self._db.register("groups", groups)
        return self._db.sql(query).to_arrow_table()

    def parts(self, groups: pa.Table) -> pa.Table:
        """The parts of each group with an ad, see graph/schemes.yaml, with first_ad and last_ad (UTC); sorted by id.

        Args:
            groups: unit, id.
        """
        self._db.register("groups", groups)
        self._db.register("between_platforms", self._betweenness())
        return self._db.sql(_PARTS).to_arrow_table()

    def _betweenness(self) -> pa.Table:
        if self._by == "platform":
            self._db.register("found", betweenness_of_platforms(self._db.sql(_WAYS).to_arrow_table()))
            return self._db.sql(_OF_PLATFORMS).to_arrow_table()
        leads = self._db.sql(_GROUPED_LEADS).to_arrow_table()
        found = platform_betweenness(leads.set_column(0, "id", leads["id"].cast(pa.string())), "id")
        return found.set_column(0, "id", found["id"].cast(leads["id"].type))


@contextmanager
def measured(market: Market, by: By, filters: Filters, days: int, shown: pa.Table | None = None) -> Iterator[Measured]:
    """Count the market's units once.

    Args:
        by: sellers and networks are groups of accounts. filters: which ads count. days: length of the last period.
        shown: ad_id, contact_id: the contacts of ads; needed for contacts and platforms.

    Raises:
        UsageError: a filter names what the case does not know.
    """
    unit = "account" if by in ("seller", "network") else by
    facts = market.facts
    tables = {
        "ads": chosen_ads(facts, filters),
        "offers": facts.offers,
        "protected": ad_protection(facts),
        "uses": market.uses,
    }
    tables |= {"hops": market.hops.rows}
    with sql_session(tables | ({"shown": shown} if shown is not None else {})) as db:
        db.execute(_CHOSEN)
        db.execute(_POSTS[unit])
        given = {"until": filters.until, "days": days, "by": unit}
        for step in _STEPS:
            db.execute(step, {name: value for name, value in given.items() if f"${name}" in step})
        db.execute(_HUBS[unit])
        yield Measured(db, by)
