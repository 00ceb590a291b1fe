"""Which seller runs which account: the whole assignment; and what an unknown account may have been meant to be."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import TEXT, fetch, read_of
from graph.stores.base import GraphStore

# Below this rapidfuzz ratio (0 to 100) two account ids are unlike rather than misspelt.
_NEAR, _NEAR_NAMED = 75.0, 3
_IDS = read_of("MATCH (a:Account) RETURN a.id AS account_id", account_id=TEXT)
_ASSIGNMENT = """
MATCH (a:Account)
OPTIONAL MATCH (a)-[:RUN_BY]->(s:Seller)
RETURN a.id AS account_id, s.id AS seller_id
ORDER BY account_id
"""


def account_sellers(store: GraphStore) -> pa.Table:
    """Columns account_id ('platform|seller_id') and seller_id (null before `resolve`), sorted by account."""
    return store.read(_ASSIGNMENT)


def near_accounts(store: GraphStore, wanted: str) -> str:
    """What to do about an unknown account, with ids that are like it: 'did you mean xianyu|ann?'."""
    from rapidfuzz import fuzz, process

    accounts = fetch(store, _IDS)["account_id"].to_pylist()
    if not accounts:
        return "the case has none yet, run sellergraph ingest"
    hits = process.extract(wanted, sorted(accounts), scorer=fuzz.ratio, limit=_NEAR_NAMED, score_cutoff=_NEAR)
    if hits:
        return f"did you mean {' or '.join(hit[0] for hit in hits)}?"
    return "an account is written platform|seller_id, sellergraph accounts lists them"
