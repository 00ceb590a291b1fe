"""How buyers are led from one platform to the next, each hop with the advertisements that do it.

First cut: an advertisement on one platform shows a handle, code or link that leads to another. A contact that was read
as the seller's own and decided to be a courier's, a hotline's or another's leads nobody anywhere.
"""

from __future__ import annotations

import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import RUNS, SELLERS, TEXT, TIME, Read, fetch, read_of
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import not_led

EXAMPLES = 3

_HOPS = read_of(
    """MATCH (ad:Ad)-[r:LEADS_TO]->(p:Platform) WHERE ad.platform <> p.id
    RETURN ad.id AS ad_id, ad.platform AS from_platform, ad.account_id AS account_id, ad.seen_at AS seen_at,
           p.id AS to_platform, r.carrier AS carrier, r.carrier_kind AS carrier_kind""",
    ad_id=TEXT, from_platform=TEXT, account_id=TEXT, seen_at=TIME, to_platform=TEXT, carrier=TEXT, carrier_kind=TEXT,
)  # fmt: skip
_SELLER_HOPS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[r:LEADS_TO]->(p:Platform) WHERE ad.platform <> p.id
    RETURN ad.id AS ad_id, ad.platform AS from_platform, a.id AS account_id, ad.seen_at AS seen_at,
           p.id AS to_platform, r.carrier AS carrier, r.carrier_kind AS carrier_kind""",
    **dict(zip(_HOPS.schema.names, _HOPS.schema.types, strict=True)),
)
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

_PATH_HOPS = read_of(
    """MATCH (ad:Ad {platform: $from_platform})-[r:LEADS_TO {carrier_kind: $carrier_kind}]->(p:Platform)
    WHERE p.id = $to_platform
    RETURN ad.id AS ad_id, ad.account_id AS account_id, ad.seen_at AS seen_at, r.carrier AS carrier""",
    ad_id=TEXT, account_id=TEXT, seen_at=TIME, carrier=TEXT,
)  # fmt: skip
_TEXTS = read_of(
    "MATCH (ad:Ad) WHERE ad.id IN $ids RETURN ad.id AS ad_id, ad.title AS title, ad.text AS text",
    ad_id=TEXT, title=TEXT, text=TEXT,
)  # fmt: skip

_LED = "SELECT * FROM rows ANTI JOIN not_led USING (account_id, carrier)"
_TRAFFIC = """
WITH hops AS (SELECT DISTINCT * FROM rows LEFT JOIN runs USING (account_id)),
ads AS (SELECT DISTINCT from_platform, to_platform, carrier_kind, ad_id, seen_at FROM hops),
examples AS (
    SELECT from_platform, to_platform, carrier_kind, count(*) AS ads,
           list(ad_id ORDER BY seen_at NULLS LAST, ad_id)[1:$examples] AS example_ads
    FROM ads GROUP BY ALL
), counted AS (
    SELECT from_platform, to_platform, carrier_kind, count(DISTINCT seller_id) AS sellers,
           count(DISTINCT account_id) AS accounts, min(seen_at) AS first_ad, max(seen_at) AS last_ad,
           count(DISTINCT carrier) AS contacts
    FROM hops GROUP BY ALL
)
SELECT from_platform, to_platform, carrier_kind, ads, sellers, accounts, first_ad, last_ad, contacts, example_ads
FROM counted JOIN examples USING (from_platform, to_platform, carrier_kind)
ORDER BY ads DESC, sellers DESC, from_platform, to_platform, carrier_kind LIMIT $most
"""
_SELLER = """
SELECT from_platform, to_platform, carrier_kind, carrier, any_value(caption) AS contact,
       count(DISTINCT ad_id) AS ads, count(DISTINCT account_id) AS accounts,
       min(seen_at) AS first_ad, max(seen_at) AS last_ad,
       list(DISTINCT ad_id ORDER BY ad_id) AS ad_ids
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
_FIRST = """
SELECT DISTINCT ad_id, account_id, seen_at, carrier FROM rows
ORDER BY seen_at NULLS LAST, ad_id, carrier LIMIT $most
"""
_CITED = """
SELECT ad_id, seen_at, account_id, seller_id, coalesce(name, seller_id) AS name,
       carrier, caption AS contact, title, text
FROM rows LEFT JOIN runs USING (account_id) LEFT JOIN sellers USING (seller_id)
LEFT JOIN captions ON carrier = contact_id LEFT JOIN texts USING (ad_id)
ORDER BY seen_at NULLS LAST, ad_id, carrier
"""
# More rows than any case has: DuckDB takes no null as a limit.
_ALL = 2**62


def traffic_paths(store: GraphStore, *, limit: int | None = 20) -> pa.Table:
    """Hand-overs between two platforms by kind of carrier, most ads first, then most sellers.

    Returns:
        from_platform, to_platform, carrier_kind (handle, qr or link), ads, sellers, accounts, first_ad,
        last_ad (UTC), contacts (number of different ones), example_ads (the first three by time).
    """
    tables = {"rows": _led(store, fetch(store, _HOPS)), "runs": fetch(store, RUNS)}
    return run_sql(_TRAFFIC, tables, {"examples": EXAMPLES, "most": _ALL if limit is None else limit})


def seller_paths(store: GraphStore, seller_id: str) -> pa.Table:
    """Where one seller leads buyers, each hop once, in the order in which it was first seen.

    Returns:
        from_platform, to_platform, carrier_kind, carrier (contact id), contact (readable), ads, accounts,
        first_ad, last_ad (UTC), ad_ids (every ad that does it).
    """
    rows = _led(store, fetch(store, _SELLER_HOPS, seller_id=seller_id))
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


def path_ads(
    store: GraphStore, from_platform: str, to_platform: str, carrier_kind: str, *, limit: int | None = 200
) -> pa.Table:
    """The advertisements that one hand-over of `traffic_paths` rests on, first seen first.

    Returns:
        ad_id, seen_at (UTC), account_id, seller_id, name, carrier, contact, title, text.
    """
    ends = {"from_platform": from_platform, "to_platform": to_platform, "carrier_kind": carrier_kind}
    hops = {"rows": _led(store, fetch(store, _PATH_HOPS, **ends))}
    rows = run_sql(_FIRST, hops, {"most": _ALL if limit is None else limit})
    texts = _fetch_in(store, _TEXTS, "ids", rows["ad_id"])
    captions = contact_captions(store, rows["carrier"].to_pylist())
    return run_sql(_CITED, {"rows": rows, "texts": texts, "captions": captions, **_people(store)})


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
