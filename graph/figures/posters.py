"""Who posts most, and how much of all the few largest post."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import TEXT, Facts, fetch, read_of
from graph.figures.scope import EVERYTHING, IN_SCOPE, Scope, count
from graph.stores.base import GraphStore

# More rows than any case has: DuckDB takes no null as a limit.
_ALL = 2**62

_ACCOUNTS_READ = read_of("MATCH (a:Account) RETURN a.id AS account_id, a.name AS name", account_id=TEXT, name=TEXT)
_HEAVIEST = (
    IN_SCOPE
    + """, counted AS (
    SELECT account_id, platform, kind, min(seller_id) AS seller_id, count(*) AS ads,
           count(DISTINCT day) AS active_days, min(seen_at) AS first_ad, max(seen_at) AS last_ad
    FROM chosen WHERE account_id IS NOT NULL GROUP BY account_id, platform, kind
)
SELECT row_number() OVER by_size AS rank, account_id, name, platform, kind, seller_id, ads,
       ads / (SELECT count(*) FROM chosen) AS share,
       CAST(sum(ads) OVER by_size AS BIGINT) / (SELECT count(*) FROM chosen) AS cumulative,
       active_days, first_ad, last_ad
FROM counted LEFT JOIN accounts USING (account_id)
WINDOW by_size AS (ORDER BY ads DESC, account_id ROWS UNBOUNDED PRECEDING)
ORDER BY rank LIMIT $most
"""
)
_TOP = (
    IN_SCOPE
    + """, counted AS (
    SELECT account_id, count(*) AS ads FROM chosen WHERE account_id IS NOT NULL
    GROUP BY account_id ORDER BY ads DESC, account_id LIMIT $k
)
SELECT coalesce(sum(ads)::BIGINT / nullif((SELECT count(*) FROM chosen), 0), 0) AS share FROM counted
"""
)


def read_accounts(store: GraphStore) -> pa.Table:
    """account_id, name: what accounts are called on their platforms."""
    return fetch(store, _ACCOUNTS_READ)


def heaviest_posters(facts: Facts, accounts: pa.Table, scope: Scope = EVERYTHING, limit: int | None = None) -> pa.Table:
    """Accounts by advertisements, most first: the report's figure 10 (kind online_community).

    Args:
        accounts: of `read_accounts`. limit: rows at most; None for all.

    Returns:
        rank, account_id, name, platform, kind, seller_id (null before a resolution), ads, share and cumulative (0 to
        1, of all in the scope, those without a known account included), active_days (local), first_ad, last_ad (UTC).
    """
    return count(_HEAVIEST, facts, scope, {"accounts": accounts}, most=_ALL if limit is None else limit)


def top_posters_share(facts: Facts, k: int = 10, scope: Scope = EVERYTHING) -> float:
    """Share of the scope's advertisements that its k heaviest accounts posted: beside the report's figure 6.

    Returns:
        0 to 1, of all in the scope, those without a known account included; 0 without advertisements.
    """
    return float(count(_TOP, facts, scope, k=k)["share"][0].as_py())
