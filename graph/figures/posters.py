"""Who posts most, and how much of all the few largest post."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import Facts
from graph.figures.scope import EVERYTHING, IN_SCOPE, Scope, count
from graph.sql import most_of

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


def heaviest_posters(facts: Facts, scope: Scope = EVERYTHING, limit: int | None = None) -> pa.Table:
    """Accounts by advertisements, most first: the report's figure 10 (kind online_community).

    `graph.concentration.share_of_top` of this table is what the first k posted together (the report's ten of 58).

    Args:
        limit: rows at most; None for all.

    Returns:
        rank, account_id, name, platform, kind, seller_id (null before a resolution), ads, share and cumulative (0 to
        1, of all in the scope, those without a known account included), active_days (local), first_ad, last_ad (UTC).
    """
    return count(_HEAVIEST, facts, scope, most=most_of(limit))
