"""Which seller runs which account: the whole assignment."""

from __future__ import annotations

import pyarrow as pa

from graph.stores.base import GraphStore

_ASSIGNMENT = """
MATCH (a:Account)
OPTIONAL MATCH (a)-[:RUN_BY]->(s:Seller)
RETURN a.id AS account_id, s.id AS seller_id
ORDER BY account_id
"""


def account_sellers(store: GraphStore) -> pa.Table:
    """Columns account_id ('platform|seller_id') and seller_id (null before `resolve`), sorted by account."""
    return store.read(_ASSIGNMENT)
