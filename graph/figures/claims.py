"""Advertisements by what their words claim: mammoth with marks of an elephant's, wild animals, a search for agents."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import TEXT, TEXTS, Facts, fetch, read_of
from graph.figures.scope import EVERYTHING, IN_SCOPE, OFFERED, By, Scope, count, species_groups
from graph.stores.base import GraphStore

EXAMPLES = 3
_MAMMOTH = "mammoth"

_CLAIMS_READ = read_of(
    """MATCH (ad:Ad) WHERE ad.claims IS NOT NULL
    RETURN ad.id AS ad_id, ad.claims AS claims, ad.title AS title, ad.url AS url""",
    ad_id=TEXT, claims=TEXTS, title=TEXT, url=TEXT,
)  # fmt: skip
_SUSPECTS = (
    IN_SCOPE
    + """
SELECT ad_id, seen_at, platform, kind, account_id, accounts.name, seller_id, title, url
FROM chosen JOIN claims USING (ad_id) LEFT JOIN accounts USING (account_id)
WHERE list_contains(claims.claims, 'elephant_marks') AND ad IN (SELECT ad FROM offers WHERE taxon_id = $mammoth)
ORDER BY seen_at NULLS LAST, ad_id
"""
)
_WILD = (
    IN_SCOPE
    + OFFERED
    + """, told AS (
    SELECT offered.*, coalesce(list_contains(claims.claims, 'wild'), false) AS claimed
    FROM offered LEFT JOIN claims USING (ad_id)
)
SELECT species, told.name_en, told.name_zh, platform, account_id, any_value(accounts.name) AS name, seller_id,
       count(*) FILTER (claimed) AS ads, count(*) AS all_ads, min(seen_at) FILTER (claimed) AS first_ad,
       max(seen_at) FILTER (claimed) AS last_ad,
       (list(ad_id ORDER BY seen_at NULLS LAST, ad_id) FILTER (claimed))[1:$examples] AS example_ads
FROM told LEFT JOIN accounts USING (account_id)
GROUP BY species, told.name_en, told.name_zh, platform, account_id, seller_id HAVING count(*) FILTER (claimed) > 0
ORDER BY ads DESC, species, account_id NULLS LAST, platform
"""
)
_AGENTS = (
    IN_SCOPE
    + """, told AS (
    SELECT chosen.*, coalesce(list_contains(claims.claims, 'recruiting'), false) AS claimed
    FROM chosen LEFT JOIN claims USING (ad_id)
)
SELECT platform, kind, account_id, any_value(accounts.name) AS name, seller_id, any_value(sellers.name) AS seller_name,
       count(*) FILTER (claimed) AS ads, count(*) AS all_ads, min(seen_at) FILTER (claimed) AS first_ad,
       max(seen_at) FILTER (claimed) AS last_ad,
       (list(ad_id ORDER BY seen_at NULLS LAST, ad_id) FILTER (claimed))[1:$examples] AS example_ads
FROM told LEFT JOIN accounts USING (account_id) LEFT JOIN sellers USING (seller_id)
GROUP BY platform, kind, account_id, seller_id HAVING count(*) FILTER (claimed) > 0
ORDER BY ads DESC, account_id NULLS LAST, platform
"""
)


def read_claims(store: GraphStore) -> pa.Table:
    """ad_id, claims (list), title, url of every advertisement that claims anything."""
    return fetch(store, _CLAIMS_READ)


def mammoth_suspects(facts: Facts, claims: pa.Table, scope: Scope = EVERYTHING) -> pa.Table:
    """Advertisements that offer mammoth and show marks of elephant ivory: the report's figure 14.

    Args:
        claims: of `read_claims`.

    Returns:
        ad_id, seen_at (UTC), platform, kind, account_id, name, seller_id (null before a resolution), title, url.
    """
    return count(_SUSPECTS, facts, scope, {"claims": claims}, mammoth=_MAMMOTH)


def wild_claims(facts: Facts, claims: pa.Table, scope: Scope = EVERYTHING, by: By = "taxon") -> pa.Table:
    """Who says that animals are from the wild, and which: the report's figure 15, 'from the mountains'.

    Returns:
        species, name_en, name_zh, platform, account_id, name, seller_id, ads (that claim it), all_ads (of the
        account for this species), first_ad, last_ad (UTC, of those that claim it), example_ads (the first three).
    """
    tables = {"claims": claims, "species_groups": species_groups(by)}
    return count(_WILD, facts, scope, tables, examples=EXAMPLES)


def recruiting_agents(facts: Facts, claims: pa.Table, scope: Scope = EVERYTHING) -> pa.Table:
    """Accounts that look for agents to sell on: the report's figure 13.

    Returns:
        platform, kind, account_id, name, seller_id, seller_name, ads (that look for agents), all_ads (of the
        account), first_ad, last_ad (UTC, of those that look for agents), example_ads (the first three).
    """
    return count(_AGENTS, facts, scope, {"claims": claims}, examples=EXAMPLES)
