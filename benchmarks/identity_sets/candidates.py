"""How many pairs of accounts are compared at all."""

from __future__ import annotations

from typing import Any

_PAIRS = """
WITH blocks AS (SELECT unique_id AS account, unnest(blocks) AS block FROM blocked)
SELECT count(*) FROM (
    SELECT DISTINCT l.account, r.account FROM blocks l JOIN blocks r ON l.block = r.block AND l.account < r.account
)
"""


def count_pairs(db: Any) -> int:
    """Number of pairs that share a block, in a DuckDB session after resolvers.work.decide."""
    return int(db.execute(_PAIRS).fetchall()[0][0])
