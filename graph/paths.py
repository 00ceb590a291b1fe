"""How buyers are led from one platform to the next: flows between platforms, each with the ads that do it."""

from __future__ import annotations

import pyarrow as pa

from graph.captions import contact_captions
from graph.chains import PathOrder, best_paths, check_order
from graph.facts import SELLERS, TEXT, fetch, read_of
from graph.hops import Hops, read_hops
from graph.market import Market, read_market
from graph.schemes import load_schemes
from graph.seller_paths import paths_to_seller, seller_paths
from graph.sql import most_of, run_sql
from graph.stores.base import GraphStore

__all__ = [
    "FlowOrder", "best_paths", "flows", "path_ads", "paths_to_seller", "sankey", "seller_paths", "traffic_paths",
]  # fmt: skip

FlowOrder = PathOrder
EXAMPLES = 3

_TEXTS = read_of(
    "MATCH (ad:Ad) WHERE ad.id IN $ids RETURN ad.id AS ad_id, ad.title AS title, ad.text AS text",
    ad_id=TEXT, title=TEXT, text=TEXT,
)  # fmt: skip
# Protection is summed in whole thousandths: exact in any order. Of hops by one ad each counts once.
_FLOWS = """
WITH last AS (
    SELECT (SELECT max(seen_at) FROM ads) + INTERVAL 1 MICROSECOND - to_days($days::INTEGER) AS recent
), led AS (
    SELECT DISTINCT from_platform, to_platform, carrier_kind, ad, ad_id, seen_at, protection FROM hops
), weighed AS (
    SELECT *, coalesce((protection * 1000)::BIGINT, 0) AS milli FROM led
), summed AS (
    SELECT from_platform, to_platform, carrier_kind, count(*) AS ads, sum(milli)::BIGINT / 1000 AS protection,
           count(*) FILTER (seen_at >= (SELECT recent FROM last)) AS recent_ads,
           min(seen_at) AS first_ad, max(seen_at) AS last_ad,
           arg_min(ad_id, (coalesce(seen_at, TIMESTAMP '9999-01-01'), ad_id), $examples) AS example_ads
    FROM weighed GROUP BY ALL
), counted AS (
    SELECT from_platform, to_platform, carrier_kind, count(DISTINCT seller_id) AS sellers,
           count(DISTINCT account_id) AS accounts, count(DISTINCT carrier) AS contacts,
           count(DISTINCT to_account) AS named_accounts, count(DISTINCT picture) AS pictures
    FROM hops GROUP BY ALL
)
SELECT from_platform, to_platform, carrier_kind, ads, sellers, accounts, first_ad, last_ad, contacts, example_ads,
       protection, recent_ads, named_accounts, pictures
FROM counted JOIN summed USING (from_platform, to_platform, carrier_kind)
ORDER BY CASE $by WHEN 'ads' THEN ads WHEN 'sellers' THEN sellers WHEN 'protection' THEN protection
         ELSE recent_ads END DESC,
         ads DESC, sellers DESC, protection DESC, recent_ads DESC, from_platform, to_platform, carrier_kind
LIMIT $most
"""
_FIRST = """
SELECT ad_id, any_value(account_id) AS account_id, any_value(seller_id) AS seller_id, any_value(seen_at) AS seen_at,
       carrier, min(to_account) AS named_account, min(picture) AS picture
FROM hops
WHERE from_platform = $from_platform AND to_platform = $to_platform AND carrier_kind = $carrier_kind
GROUP BY ad_id, carrier ORDER BY seen_at NULLS LAST, ad_id, carrier LIMIT $most
"""
_CITED = """
SELECT ad_id, seen_at, account_id, seller_id, coalesce(name, seller_id) AS name,
       carrier, caption AS contact, title, text, named_account, picture
FROM rows LEFT JOIN sellers USING (seller_id)
LEFT JOIN captions ON carrier = contact_id LEFT JOIN texts USING (ad_id)
ORDER BY seen_at NULLS LAST, ad_id, carrier
"""
# A platform may be door and till: a diagram without circles has it on both sides.
_SANKEY = """
SELECT 'from ' || from_platform AS source, 'to ' || to_platform AS target,
       coalesce(f.name, from_platform) AS source_name, coalesce(t.name, to_platform) AS target_name,
       f.kind AS source_kind, t.kind AS target_kind, carrier_kind, ads AS value, sellers
FROM flows LEFT JOIN platforms f ON f.platform = from_platform LEFT JOIN platforms t ON t.platform = to_platform
ORDER BY value DESC, source, target, carrier_kind
"""


def traffic_paths(store: GraphStore, *, limit: int | None = 20, by: FlowOrder = "ads") -> pa.Table:
    """`flows` of a store."""
    return flows(read_market(store), limit=limit, by=by)


def flows(market: Market, *, limit: int | None = 20, by: FlowOrder = "ads") -> pa.Table:
    """Hand-overs between two platforms by kind of carrier.

    Args:
        by: what they are put in order by; then come ads, sellers, protection, recent ads, names.

    Returns:
        from_platform, to_platform, carrier_kind (handle, qr, link, watermark or payment), ads, sellers, accounts,
        first_ad, last_ad (UTC), contacts (number of different ones), example_ads (the first three by time), protection
        (sum of the ads' weights, see graph.protection), recent_ads (of the last period_days of graph/schemes.yaml),
        named_accounts (that carriers name and the graph has), pictures (that carriers were read in).

    Raises:
        UsageError: an unknown order.
    """
    check_order(by)
    tables = {"hops": market.hops.rows, "ads": market.facts.ads}
    most = most_of(limit)
    params = {"examples": EXAMPLES, "most": most, "by": by, "days": load_schemes().period_days}
    return run_sql(_FLOWS, tables, params)


def sankey(market: Market, table: pa.Table) -> pa.Table:
    """The flows as edges of a diagram: source, target (ids), their names and kinds, carrier_kind, value (ads), sellers.

    Args:
        table: see `flows`.
    """
    return run_sql(_SANKEY, {"flows": table, "platforms": market.hops.platforms})


def path_ads(
    store: GraphStore,
    from_platform: str,
    to_platform: str,
    carrier_kind: str,
    *,
    limit: int | None = 200,
    hops: Hops | None = None,
) -> pa.Table:
    """The advertisements that one hand-over of `flows` rests on, first seen first.

    Args:
        hops: those of the case, if they have been read already.

    Returns:
        ad_id, seen_at (UTC), account_id, seller_id, name, carrier, contact, title, text, named_account, picture.
    """
    ends = {"from_platform": from_platform, "to_platform": to_platform, "carrier_kind": carrier_kind}
    found = (hops or read_hops(store)).rows
    rows = run_sql(_FIRST, {"hops": found}, {**ends, "most": most_of(limit)})
    ids = sorted(set(rows["ad_id"].to_pylist()))
    texts = fetch(store, _TEXTS, ids=ids) if ids else _TEXTS.schema.empty_table()
    captions = contact_captions(store, rows["carrier"].to_pylist())
    return run_sql(_CITED, {"rows": rows, "texts": texts, "captions": captions, "sellers": fetch(store, SELLERS)})
