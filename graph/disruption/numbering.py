"""From ids to numbers: ads, targets and nodes counted from 0 in the order of their ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from graph.disruption.connections import Connections
from graph.disruption.coverage import Amounts, Ints, Stakes
from graph.disruption.trade import Trade
from graph.filters import Filters, chosen_ads
from graph.sql import know, sql_session

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

By = Literal["seller", "account", "contact"]
# Protection is counted in millionths of one ad's most: whole numbers have one sum, whatever the order.
MICRO = 1_000_000


_ADS = """
SELECT row_number() OVER (ORDER BY ads.ad_id) - 1 AS ad, ads.ad_id, ads.account_id, ads.seller_id,
       CASE WHEN $sellers THEN ads.seller_id ELSE ads.account_id END AS owner,
       CAST(round(coalesce(protection, 0) * $micro) AS BIGINT) AS micro
FROM ads
ORDER BY ad
"""
_SEEN = "SELECT ad, owner, contact FROM shown JOIN chosen USING (ad_id)"
_OWNERS = """
SELECT owner AS id, row_number() OVER (ORDER BY owner) - 1 AS number
FROM (SELECT DISTINCT owner FROM chosen WHERE owner IS NOT NULL) ORDER BY number
"""
_CONTACTS = """
SELECT contact AS id, row_number() OVER (ORDER BY contact) - 1 AS number
FROM (SELECT DISTINCT contact FROM seen) ORDER BY number
"""
_ADS_OF_OWNERS = "SELECT number, ad FROM chosen JOIN targets ON id = owner ORDER BY number, ad"
_ADS_OF_CONTACTS = "SELECT number, ad FROM seen JOIN targets ON id = contact ORDER BY number, ad"
# Where the account is not known, all of its platform are taken for one.
_ROUTES = """
SELECT DISTINCT hops.account_id, from_platform, carrier, to_platform,
       CASE WHEN $contacts THEN contact ELSE owner END AS id
FROM hops JOIN chosen USING (ad_id)
"""
_ROUTES_OF = """
SELECT number, count(*) AS routes FROM routes JOIN targets USING (id) GROUP BY number ORDER BY number
"""
# Whom a contact joins: what one owner alone shows joins nobody.
_GIVEN = """
WITH given AS (SELECT DISTINCT contact, number AS owner FROM seen JOIN owners ON id = seen.owner)
SELECT contact, owner FROM given QUALIFY count(*) OVER (PARTITION BY contact) > 1
"""
_JOINING = """
SELECT contact, $first + row_number() OVER (ORDER BY contact) - 1 AS node
FROM (SELECT DISTINCT contact FROM given) ORDER BY node
"""
_SHARED = "SELECT owner AS source, node AS target FROM given JOIN joining USING (contact) ORDER BY source, target"
# A seller of several accounts stands beside them; one with a single account is that account.
_RUN = """
WITH run AS (
    SELECT DISTINCT seller_id, number FROM chosen JOIN owners ON id = owner WHERE seller_id IS NOT NULL
), several AS (
    SELECT seller_id, $first + row_number() OVER (ORDER BY seller_id) - 1 AS node
    FROM run GROUP BY seller_id HAVING count(*) > 1
)
SELECT seller_id, number, coalesce(node, number) AS node FROM run LEFT JOIN several USING (seller_id)
ORDER BY seller_id, number
"""
_SELLERS = "SELECT id AS seller_id, number, number AS node FROM owners ORDER BY number"
# With contacts as targets: what ties two sellers by a contact that both show here falls with the contact.
_TIES = """
WITH shows AS (SELECT DISTINCT seller_id, contact FROM given JOIN run ON run.number = given.owner),
fallen AS (
    SELECT DISTINCT left_id, right_id
    FROM ties JOIN shows a ON a.seller_id = left_id JOIN shows b ON b.seller_id = right_id AND a.contact = b.contact
    WHERE $contacts AND list_has_all(['agent', 'contact', 'supplier'], string_split(kinds, ', '))
)
SELECT DISTINCT l.node AS source, r.node AS target
FROM ties ANTI JOIN fallen USING (left_id, right_id)
JOIN run l ON l.seller_id = left_id JOIN run r ON r.seller_id = right_id
ORDER BY source, target
"""


@dataclass(frozen=True)
class Numbered:
    """A trade in numbers.

    Attributes:
        ids: (targets) ascending.
        stakes: what each target takes away. connections: whom it connects.
        counted: 'sellers' or 'accounts', whichever the connections are among.
        hops: those of the ads that count.
    """

    ids: list[str]
    stakes: Stakes
    connections: Connections
    counted: str
    hops: pa.Table


def number(trade: Trade, by: By, filters: Filters) -> Numbered:
    """Number what counts.

    Raises:
        UsageError: a species, platform or kind that the case does not know.
    """
    sellers = by == "seller" or (by == "contact" and trade.facts.sellers.num_rows > 0)
    with sql_session(_tables(trade, filters)) as db:
        _let(db, "chosen", _ADS, {"sellers": sellers, "micro": MICRO})
        _let(db, "seen", _SEEN)
        _let(db, "owners", _OWNERS)
        _let(db, "targets", _CONTACTS if by == "contact" else _OWNERS)
        _let(db, "routes", _ROUTES, {"contacts": by == "contact"})
        hops = db.sql("SELECT hops.* FROM hops SEMI JOIN chosen USING (ad_id)").to_arrow_table()
        ids = db.sql("FROM targets").to_arrow_table()["id"].to_pylist()
        return Numbered(ids, _stakes(db, by), _connections(db, by), "sellers" if sellers else "accounts", hops)


def _tables(trade: Trade, filters: Filters) -> dict[str, pa.Table]:
    facts = trade.facts
    return {"ads": chosen_ads(facts, filters)} | {"shown": trade.shown, "hops": trade.hops, "ties": trade.ties}


def _let(db: DuckDBPyConnection, name: str, query: str, params: Mapping[str, Any] | None = None) -> None:
    know(db, {name: db.sql(query, params=dict(params or {})).to_arrow_table()})


def _columns(db: DuckDBPyConnection, query: str, params: Mapping[str, Any] | None = None) -> list[Ints]:
    table = db.sql(query, params=dict(params or {})).to_arrow_table()
    return [column.to_numpy().astype(np.int64) for column in table.columns]


def _stakes(db: DuckDBPyConnection, by: By) -> Stakes:
    (micro,) = _columns(db, "SELECT micro FROM chosen ORDER BY ad")
    owners, ads = _columns(db, _ADS_OF_CONTACTS if by == "contact" else _ADS_OF_OWNERS)
    ((count,), (routes,)) = (_columns(db, "SELECT count(*) FROM " + name)[0] for name in ("targets", "routes"))
    totals = Amounts(*(np.array(total, dtype=np.int64) for total in (len(micro), micro.sum(), routes)))
    carried = np.zeros(count, dtype=np.int64)
    carriers, carries = _columns(db, _ROUTES_OF)
    carried[carriers] = carries
    starts = np.searchsorted(owners, np.arange(count + 1)).astype(np.int64)
    return Stakes(starts, ads, np.bincount(ads, minlength=len(micro)), micro, carried, totals)


def _connections(db: DuckDBPyConnection, by: By) -> Connections:
    """Owners first, then the contacts that join them, then the sellers of several accounts."""
    _let(db, "given", _GIVEN)
    counted = len(_columns(db, "SELECT number FROM owners")[0])
    _let(db, "joining", _JOINING, {"first": counted})
    nodes = counted + len(_columns(db, "SELECT node FROM joining")[0])
    _let(db, "run", _RUN if by == "account" else _SELLERS, {"first": nodes} if by == "account" else {})
    holder, held = _columns(db, "SELECT number, node FROM run WHERE number <> node ORDER BY node, number")
    edges = [_columns(db, _SHARED), _columns(db, _TIES, {"contacts": by == "contact"}), [holder, held]]
    source, target = (np.concatenate(ends) for ends in zip(*edges, strict=True))
    return Connections(
        counted, source, target, _removed(db, by, counted), held, holder, max(nodes, int(held.max(initial=-1)) + 1)
    )


def _removed(db: DuckDBPyConnection, by: By, counted: int) -> Ints:
    """(targets) the node of each; a contact that joins nobody has none."""
    if by != "contact":
        return np.arange(counted, dtype=np.int64)
    found = "SELECT coalesce(node, -1) AS node FROM targets LEFT JOIN joining ON contact = id ORDER BY number"
    return _columns(db, found)[0]
