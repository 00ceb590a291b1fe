"""Where one seller leads buyers, and who leads buyers to him."""

from __future__ import annotations

import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import RUNS, SELLERS, TEXT, TIME, Read, fetch, read_of
from graph.hops import read_sellers_hops
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import not_led

_NAMED_ACCOUNTS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)<-[:IDENTIFIES]-(h:Handle)
    RETURN h.id AS handle_id, a.id AS named_account, a.platform AS to_platform""",
    handle_id=TEXT, named_account=TEXT, to_platform=TEXT,
)  # fmt: skip
# Who warns of a handle, or names it as a courier's, sends nobody there: the roles that LEADS_TO is made of.
_BY_HANDLE = read_of(
    """MATCH (h:Handle) WHERE h.id IN $handles
    MATCH (ad:Ad)-[m:MENTIONS]->(h) WHERE m.role = 'own' OR m.role = 'supplier'
    RETURN DISTINCT h.id AS handle_id, ad.id AS ad_id, ad.platform AS from_platform, ad.account_id AS account_id,
           ad.seen_at AS seen_at, h.id AS carrier""",
    handle_id=TEXT, ad_id=TEXT, from_platform=TEXT, account_id=TEXT, seen_at=TIME, carrier=TEXT,
)  # fmt: skip
_BY_CODE = read_of(
    """MATCH (h:Handle) WHERE h.id IN $handles
    MATCH (q:QRCode)-[:RESOLVES_TO]->(h)
    MATCH (ad:Ad)-[m:MENTIONS]->(q) WHERE m.role = 'own' OR m.role = 'supplier'
    RETURN DISTINCT h.id AS handle_id, ad.id AS ad_id, ad.platform AS from_platform, ad.account_id AS account_id,
           ad.seen_at AS seen_at, q.id AS carrier""",
    **dict(zip(_BY_HANDLE.schema.names, _BY_HANDLE.schema.types, strict=True)),
)

_LED = "SELECT * FROM rows ANTI JOIN not_led USING (account_id, carrier)"
_SELLER = """
SELECT from_platform, to_platform, carrier_kind, carrier, any_value(caption) AS contact,
       min(to_account) AS named_account, count(DISTINCT ad_id) AS ads, count(DISTINCT account_id) AS accounts,
       min(seen_at) AS first_ad, max(seen_at) AS last_ad,
       list(DISTINCT ad_id ORDER BY ad_id) AS ad_ids,
       coalesce(list(DISTINCT picture ORDER BY picture) FILTER (picture IS NOT NULL), []) AS pictures
FROM rows LEFT JOIN captions ON carrier = contact_id
GROUP BY from_platform, to_platform, carrier_kind, carrier
ORDER BY first_ad NULLS LAST, from_platform, to_platform, carrier, carrier_kind
"""
_INCOMING = """
WITH rows AS (
    SELECT DISTINCT found.*, named.to_platform, named.named_account, runs.seller_id AS from_seller
    FROM found JOIN named USING (handle_id) LEFT JOIN runs ON runs.account_id = found.account_id
    WHERE found.account_id IS DISTINCT FROM named.named_account
)
SELECT from_platform, to_platform, named_account, carrier, any_value(caption) AS contact, from_seller,
       coalesce(any_value(name), from_seller) AS from_name,
       count(DISTINCT ad_id) AS ads, min(seen_at) AS first_ad, max(seen_at) AS last_ad,
       list(DISTINCT ad_id ORDER BY ad_id) AS ad_ids
FROM rows LEFT JOIN captions ON carrier = contact_id LEFT JOIN sellers ON sellers.seller_id = from_seller
GROUP BY from_platform, to_platform, named_account, carrier, from_seller
ORDER BY first_ad NULLS LAST, from_platform, to_platform, named_account, carrier, from_seller NULLS LAST
"""


def seller_paths(store: GraphStore, seller_id: str) -> pa.Table:
    """Where one seller leads buyers, each hop once, in the order in which it was first seen.

    Returns:
        from_platform, to_platform, carrier_kind, carrier (contact id), contact (readable), named_account (that the
        carrier names, null when it is not in the graph), ads, accounts, first_ad, last_ad (UTC), ad_ids (every ad that
        does it), pictures (images that the carrier was read in).
    """
    rows = read_sellers_hops(store, seller_id).rows
    return run_sql(_SELLER, {"rows": rows, "captions": contact_captions(store, rows["carrier"].to_pylist())})


def paths_to_seller(store: GraphStore, seller_id: str) -> pa.Table:
    """Ads of other accounts that name an account of this seller by handle or code.

    Returns:
        from_platform, to_platform, named_account, carrier, contact, from_seller (null when unknown),
        from_name, ads, first_ad, last_ad (UTC), ad_ids.
    """
    named = fetch(store, _NAMED_ACCOUNTS, seller_id=seller_id)
    reads = (_BY_HANDLE, _BY_CODE)
    found = _led(store, pa.concat_tables([_fetch_in(store, read, "handles", named["handle_id"]) for read in reads]))
    captions = contact_captions(store, found["carrier"].to_pylist())
    return run_sql(_INCOMING, {"found": found, "named": named, "captions": captions, **_people(store)})


def _led(store: GraphStore, rows: pa.Table) -> pa.Table:
    """The hops without those by a contact that was decided to be somebody else's."""
    return run_sql(_LED, {"rows": rows, "not_led": not_led(store)})


def _people(store: GraphStore) -> dict[str, pa.Table]:
    """Who runs each account, and what sellers are called."""
    return {"runs": fetch(store, RUNS), "sellers": fetch(store, SELLERS)}


def _fetch_in(store: GraphStore, read: Read, parameter: str, values: pa.ChunkedArray) -> pa.Table:
    """Fetch by a list of ids; an empty list has no type that a store could read, and no rows."""
    ids = sorted(set(values.drop_null().to_pylist()))
    return fetch(store, read, **{parameter: ids}) if ids else read.schema.empty_table()
