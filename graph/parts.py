"""What a score is made of: the figures of each seller, account, contact or platform under a filter.

Figures are counted a unit first (an account, a contact, a platform), then summed over the groups of units that are
ranked, so that the same accounts can be grouped anew: with uncertain merges and without.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.betweenness import betweenness_of_platforms, platform_betweenness
from graph.filters import Filters, chosen_ads
from graph.market import Market
from graph.sql import know, sql_session

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Ints = npt.NDArray[np.int64]
By = Literal["seller", "network", "account", "contact", "platform"]

# Whose post each ad is. A claim to the wild counts where a species is offered: wild walnuts are no harm.
# Protection is summed in whole thousandths: exact in any order.
_POSTS = {
    "account": """
CREATE TEMP TABLE posts AS
SELECT unit, ad, platform, seen_at, day, views, price_cents, currency,
       wild AND protection IS NOT NULL AS wild, (coalesce(protection, 0) * 1000)::BIGINT AS protection_milli
FROM ads JOIN (SELECT account, unit FROM named JOIN units USING (name)) USING (account)
""",
    "platform": """
CREATE TEMP TABLE posts AS
SELECT unit, ad, platform, seen_at, day, views, price_cents, currency, account_id,
       wild AND protection IS NOT NULL AS wild, (coalesce(protection, 0) * 1000)::BIGINT AS protection_milli
FROM ads JOIN units ON name = platform
""",
    "contact": """
CREATE TEMP TABLE posts AS
SELECT unit, ad, platform, seen_at, day, views, price_cents, currency, account_id,
       wild AND protection IS NOT NULL AS wild, (coalesce(protection, 0) * 1000)::BIGINT AS protection_milli
FROM ads JOIN shown USING (ad_id) JOIN units ON name = contact_id
""",
}
# By number: to find the different names among a million takes four times as long.
_NAMED = """
CREATE TEMP TABLE named AS
SELECT account, any_value(account_id) AS name FROM ads WHERE account IS NOT NULL GROUP BY account
"""
_UNITS = {
    "account": """
CREATE TEMP TABLE units AS SELECT name, (row_number() OVER (ORDER BY name) - 1)::INTEGER AS unit
FROM (SELECT name FROM named UNION SELECT account_id FROM known_accounts)
""",
    "platform": """
CREATE TEMP TABLE units AS SELECT platform AS name, (row_number() OVER (ORDER BY platform) - 1)::INTEGER AS unit
FROM (SELECT DISTINCT platform FROM ads WHERE platform IS NOT NULL)
""",
    "contact": """
CREATE TEMP TABLE units AS SELECT contact_id AS name, (row_number() OVER (ORDER BY contact_id) - 1)::INTEGER AS unit
FROM (SELECT DISTINCT contact_id FROM ads JOIN shown USING (ad_id))
""",
}
# The end of the last period: of the chosen one, or just after the last ad of the case.
_PERIOD = """
CREATE TEMP TABLE period AS
SELECT coalesce($until::TIMESTAMP, $last::TIMESTAMP + INTERVAL 1 MICROSECOND) AS ending,
       ending - to_days($days::INTEGER) AS recent, recent - to_days($days::INTEGER) AS before
"""
_CURRENCY = """
CREATE TEMP TABLE commonest AS
SELECT currency FROM ads WHERE price_cents IS NOT NULL AND currency IS NOT NULL
GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1
"""
_ACCOUNTS_OF_POSTS = """
CREATE TEMP TABLE accounts AS SELECT DISTINCT unit, account_id FROM posts WHERE account_id IS NOT NULL
"""
_LEADS_OF_POSTS = """
CREATE TEMP TABLE leads AS SELECT DISTINCT unit, from_platform, to_platform FROM hops JOIN posts USING (ad)
"""
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
SELECT unit, taxon_id, count(*) AS n FROM posts JOIN offers USING (ad) GROUP BY ALL
"""
_ACCOUNTS = {
    "account": "CREATE TEMP TABLE accounts AS SELECT unit, name AS account_id FROM units SEMI JOIN posts USING (unit)",
    "platform": _ACCOUNTS_OF_POSTS,
    "contact": _ACCOUNTS_OF_POSTS,
}
# Hops of an ad are its poster's; of contacts, those that they carry.
_LEADS = {
    "account": _LEADS_OF_POSTS,
    "platform": _LEADS_OF_POSTS,
    "contact": """
CREATE TEMP TABLE leads AS
SELECT DISTINCT unit, from_platform, to_platform FROM hops JOIN units ON name = carrier SEMI JOIN ads USING (ad)
""",
}
_SHOWN_BY = """
CREATE TEMP TABLE shown_by AS
SELECT DISTINCT unit, contact_id, role = 'own' AS own FROM uses JOIN units ON name = account_id
WHERE role <> 'warning' AND $by = 'account'
"""
# Contacts: by how many accounts. Platforms: how many of its contacts other platforms show too.
_HUBS = {
    "account": "CREATE TEMP TABLE hubs AS SELECT 0 AS unit, 0 AS hub WHERE false",
    "contact": "CREATE TEMP TABLE hubs AS SELECT unit, count(*) AS hub FROM accounts GROUP BY unit",
    "platform": """
CREATE TEMP TABLE hubs AS
SELECT unit, count(DISTINCT contact_id) AS hub FROM shown JOIN ads USING (ad_id)
JOIN (SELECT contact_id FROM shown JOIN ads USING (ad_id) GROUP BY contact_id HAVING count(DISTINCT platform) > 1)
     USING (contact_id)
JOIN units ON units.name = platform GROUP BY unit
""",
}
_STEPS = (
    _PERIOD,
    _CURRENCY,
    _NAMED,
    _UNITS,
    _POSTS,
    _SUMS,
    _DAYS,
    _PLACES,
    _SPECIES,
    _ACCOUNTS,
    _LEADS,
    _SHOWN_BY,
    _HUBS,
)
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
# Betweenness depends on all groups.
_REGROUPED = """
SELECT kept.id, parts.* EXCLUDE (id) REPLACE (coalesce(b.betweenness, 0) AS betweenness)
FROM kept JOIN parts ON parts.id = kept.was LEFT JOIN between_platforms b ON b.id = kept.id
UNION ALL BY NAME FROM counted
ORDER BY id
"""
_GROUPED_LEADS = "SELECT id, from_platform, to_platform FROM leads JOIN groups USING (unit)"
# Of platforms the ways between them are told apart by account.
_WAYS = "SELECT account_id, from_platform, to_platform FROM hops SEMI JOIN ads USING (ad)"
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
        return int(self._db.sql("SELECT count(*) FROM ads").fetchall()[0][0])

    def table(self, query: str, groups: pa.Table) -> pa.Table:
        """A query over this market's tables and `groups` (unit, id)."""
        self._db.register("groups", groups)
        return self._db.sql(query).to_arrow_table()

    def parts(self, numbers: Ints) -> pa.Table:
        """The parts of each group with an ad, see graph/schemes.yaml, with first_ad and last_ad (UTC); sorted by id.

        Args:
            numbers: group of each unit, -1 for none; they are the ids of the result.
        """
        groups = group_table(numbers)
        self._db.register("between_platforms", self._betweenness(groups))
        return self.table(_PARTS, groups)

    def regrouped(self, parts: pa.Table, numbers: Ints, others: Ints) -> pa.Table:
        """`parts` of other groups; what is the same group in both is not counted again.

        Args:
            parts: those of `numbers`. others: group of each unit, -1 for none.
        """
        kept = _same_groups(numbers, others)
        changed = np.where(np.isin(others, kept["id"].to_numpy()), -1, others)
        self._db.register("between_platforms", self._betweenness(group_table(others)))
        counted = self.table(_PARTS, group_table(changed))
        self._db.register("parts", parts)
        self._db.register("kept", kept)
        self._db.register("counted", counted)
        return self._db.sql(_REGROUPED).to_arrow_table()

    def _betweenness(self, groups: pa.Table) -> pa.Table:
        self._db.register("groups", groups)
        if self._by == "platform":
            self._db.register("found", betweenness_of_platforms(self._db.sql(_WAYS).to_arrow_table()))
            return self._db.sql(_OF_PLATFORMS).to_arrow_table()
        leads = self._db.sql(_GROUPED_LEADS).to_arrow_table()
        return platform_betweenness(leads, "id")


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
    tables = {"ads": chosen_ads(market.facts, filters), "offers": market.facts.offers}
    tables |= {"known_accounts": market.facts.accounts.select(["account_id"])}
    last = pc.max(market.facts.ads["seen_at"]).as_py()
    given = {"until": filters.until, "last": last, "days": days, "by": unit}
    with sql_session(tables | ({"shown": shown} if shown is not None else {})) as db:
        for step in _STEPS:
            # These may still be on their way while the others are counted.
            if step is _LEADS:
                know(db, {"hops": market.hops.rows})
            elif step is _SHOWN_BY:
                know(db, {"uses": market.uses})
            query = step if isinstance(step, str) else step[unit]
            db.execute(query, {name: value for name, value in given.items() if f"${name}" in query})
        yield Measured(db, by)


def group_table(numbers: Ints) -> pa.Table:
    """unit, id: the units that have a group."""
    units = np.flatnonzero(numbers >= 0)
    return pa.table({"unit": pa.array(units, pa.int32()), "id": pa.array(numbers[units], pa.int64())})


def distinct_pairs(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """The different pairs of numbers from 0, sorted, and how often each stands there."""
    width = int(right.max(initial=0)) + 1
    keys = np.sort(left * width + right)
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first] // width, keys[first] % width, np.diff(first, append=len(keys))


def _same_groups(numbers: Ints, others: Ints) -> pa.Table:
    """id (in `others`), was (in `numbers`): groups that hold the same units in both."""
    both = (numbers >= 0) & (others >= 0)
    was, now, sizes = distinct_pairs(numbers[both], others[both])
    before, after = (np.bincount(group[group >= 0], minlength=1) for group in (numbers, others))
    same = (sizes == before[was]) & (sizes == after[now])
    return pa.table({"id": pa.array(now[same], pa.int64()), "was": pa.array(was[same], pa.int64())})
