"""Which platform is the door and which the till, and which contacts carry most traffic between them."""

from __future__ import annotations

import pyarrow as pa

from graph.captions import contact_captions
from graph.hops import PAYMENT
from graph.market import Market
from graph.sql import most_of, run_sql
from graph.stores.base import GraphStore

# A platform that leads away so many times as much as it receives is a door, the other way round a till.
CLEARLY = 2
EXAMPLES = 3

# Ads that lead away or here count once, whatever they show. A page of an app counts as the app: Moments lead into
# WeChat.
_ROLES = """
WITH apps AS (SELECT platform, coalesce(within, platform) AS app FROM platforms),
led AS (
    SELECT ad_id, seller_id, f.app AS source, t.app AS target
    FROM hops JOIN apps f ON f.platform = from_platform JOIN apps t ON t.platform = to_platform WHERE f.app <> t.app
), posted AS (SELECT app AS platform, count(*) AS ads FROM ads JOIN apps USING (platform) GROUP BY app),
away AS (
    SELECT source AS platform, count(DISTINCT ad_id) AS ads_away, count(DISTINCT seller_id) AS sellers_away
    FROM led GROUP BY source
), here AS (
    SELECT target AS platform, count(DISTINCT ad_id) AS ads_here, count(DISTINCT seller_id) AS sellers_here
    FROM led GROUP BY target
), counted AS (
    SELECT app AS platform, any_value(name) FILTER (platforms.platform = app) AS name,
           any_value(kind) FILTER (platforms.platform = app) AS kind
    FROM platforms JOIN apps USING (platform) GROUP BY app
)
SELECT platform, coalesce(name, platform) AS name, kind, coalesce(ads, 0) AS ads, coalesce(ads_away, 0) AS ads_away,
       coalesce(ads_here, 0) AS ads_here, coalesce(sellers_away, 0) AS sellers_away,
       coalesce(sellers_here, 0) AS sellers_here,
       CASE WHEN posted.ads > 0 THEN round(coalesce(away.ads_away, 0) / posted.ads, 6) END AS share_away,
       round((coalesce(away.ads_away, 0) - coalesce(here.ads_here, 0)) /
             (coalesce(away.ads_away, 0) + coalesce(here.ads_here, 0)), 6) AS balance,
       CASE WHEN kind = $payment THEN 'till'
            WHEN coalesce(away.ads_away, 0) >= $clearly * coalesce(here.ads_here, 0) THEN 'door'
            WHEN coalesce(here.ads_here, 0) >= $clearly * coalesce(away.ads_away, 0) THEN 'till'
            ELSE 'passage' END AS role
FROM counted LEFT JOIN posted USING (platform) LEFT JOIN away USING (platform) LEFT JOIN here USING (platform)
WHERE away.ads_away IS NOT NULL OR here.ads_here IS NOT NULL
ORDER BY balance DESC, coalesce(away.ads_away, 0) + coalesce(here.ads_here, 0) DESC, platform
"""
_CARRIERS = """
WITH once AS (
    SELECT carrier, ad_id, any_value(account_id) AS account_id, any_value(seller_id) AS seller_id,
           any_value(seen_at) AS seen_at, any_value(from_platform) AS from_platform,
           any_value(protection) AS protection
    FROM hops GROUP BY carrier, ad_id
), summed AS (
    SELECT carrier, count(*) AS ads, count(DISTINCT account_id) AS accounts, count(DISTINCT seller_id) AS sellers,
           list(DISTINCT from_platform ORDER BY from_platform) AS from_platforms,
           sum(coalesce((protection * 1000)::BIGINT, 0))::BIGINT / 1000 AS protection,
           min(seen_at) AS first_ad, max(seen_at) AS last_ad,
           arg_min(ad_id, (coalesce(seen_at, TIMESTAMP '9999-01-01'), ad_id), $examples) AS example_ads
    FROM once GROUP BY carrier
), led AS (
    SELECT carrier, min(carrier_kind) AS carrier_kind, list(DISTINCT to_platform ORDER BY to_platform) AS to_platforms,
           min(to_account) AS named_account
    FROM hops GROUP BY carrier
)
SELECT carrier, carrier_kind, ads, accounts, sellers, from_platforms, to_platforms, named_account, protection,
       first_ad, last_ad, example_ads
FROM summed JOIN led USING (carrier)
ORDER BY ads DESC, sellers DESC, accounts DESC, carrier LIMIT $most
"""
_NAMED = """
SELECT r.carrier, caption AS contact, r.* EXCLUDE (carrier) FROM rows r JOIN captions ON contact_id = r.carrier
ORDER BY ads DESC, sellers DESC, accounts DESC, r.carrier
"""


def platform_roles(market: Market) -> pa.Table:
    """Doors first, tills last: where buyers are met, and where they are brought to.

    Returns:
        platform, name, kind, ads (posted there), ads_away (those that lead elsewhere), ads_here (ads elsewhere that
        lead here), sellers_away, sellers_here, share_away (of the ads there; null without any), balance (1: leads
        away only, -1: is only led to), role: door (leads away at least twice as much as it receives), till (the other
        way round, and payment codes) or passage. Platforms without hops are left out; pages of an app count as the app.
    """
    tables = {"ads": market.facts.ads, "hops": market.hops.rows, "platforms": market.hops.platforms}
    return run_sql(_ROLES, tables, {"payment": PAYMENT, "clearly": CLEARLY})


def carriers(store: GraphStore, market: Market, *, limit: int | None = 20) -> pa.Table:
    """The contacts that carry most traffic between platforms.

    Returns:
        carrier (contact id), contact (readable), carrier_kind, ads, accounts, sellers, from_platforms, to_platforms,
        named_account (null when it is not in the graph), protection (sum of the ads' weights), first_ad, last_ad (UTC),
        example_ads (the first three by time); most ads first.
    """
    tables = {"hops": market.hops.rows}
    most = most_of(limit)
    rows = run_sql(_CARRIERS, tables, {"examples": EXAMPLES, "most": most})
    return run_sql(_NAMED, {"rows": rows, "captions": contact_captions(store, rows["carrier"].to_pylist())})
