"""What a target list holds: ranked sellers, their accounts and their contacts."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import RUNS, fetch
from graph.ranking import rank_sellers
from graph.sql import sql_session
from graph.stores.base import GraphStore
from graph.uses import all_decisions, by_seller

_ACCOUNTS = """
MATCH (a:Account)-[:RUN_BY]->(s:Seller)
RETURN s.id AS seller_id, a.id AS account_id, a.platform AS platform, a.name AS account_name, a.url AS url
"""
_CONTACTS = """
MATCH (s:Seller)<-[:RUN_BY]-(a:Account)-[:POSTED]->(ad:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE m.candidate_of IS NULL
RETURN s.id AS seller_id, c.id AS contact_id, m.role AS role, count(DISTINCT ad.id) AS ads
"""
# Whose a contact is was decided from all its mentions; a row each role that it was read in.
_SHEET = """
SELECT s.rank, s.name AS seller, c.seller_id, t.kind, t.caption AS contact, coalesce(d.role, c.role) AS role,
       c.role AS read_as, c.ads, c.contact_id
FROM contacts c JOIN sellers s USING (seller_id) LEFT JOIN captions t USING (contact_id)
LEFT JOIN decided d USING (seller_id, contact_id)
ORDER BY s.rank, c.ads DESC, c.contact_id, c.role
"""


@dataclass(frozen=True, slots=True)
class Targets:
    """Three tables, sorted: sellers by rank; accounts and contacts by their seller's rank and id.

    Times are UTC without offset; `zone` is the one that people read them in.
    """

    zone: ZoneInfo
    sellers: pa.Table
    accounts: pa.Table
    contacts: pa.Table


def gather(store: GraphStore, limit: int | None, timezone: str) -> Targets:
    """Read the first `limit` ranked sellers (all when None), with accounts and contacts; days count in `timezone`."""
    sellers = rank_sellers(store, limit=limit, timezone=timezone)
    contacts = store.read(_CONTACTS)
    captions = contact_captions(store, contacts["contact_id"].to_pylist())
    decided = by_seller(all_decisions(store), fetch(store, RUNS))
    tables = {"sellers": sellers, "accounts": store.read(_ACCOUNTS), "contacts": contacts, "captions": captions}
    tables |= {"decided": decided}
    with sql_session(tables) as con:
        accounts = con.sql(
            "SELECT s.rank, s.name AS seller, a.* FROM accounts a JOIN sellers s USING (seller_id) "
            "ORDER BY s.rank, a.account_id"
        ).to_arrow_table()
        contacts = con.sql(_SHEET).to_arrow_table()
    return Targets(ZoneInfo(timezone), sellers, accounts, contacts)
