"""Which pairs of accounts are compared: those that share a rare key; what is too common is capped and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from resolvers.evidence import comparisons
from resolvers.names import name_keys, pinyin_names

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Accounts in a block: pairs grow with the accounts, not with their square. A forty-account seller's contact still
# compares every pair; beyond, its accounts meet by other keys.
CONTACT_MOST, NAME_MOST, NEAR_NAME_MOST, STEM_MOST = 60, 60, 12, 6
# A name known from more places is a common one; what is near to it says nothing.
NEAR_SPREAD = 6

_KEYS = """
CREATE OR REPLACE TEMP TABLE blocks AS
WITH asked AS (
    SELECT account, key AS block, 'contact' AS kind, $contact AS most FROM keys SEMI JOIN accounts USING (account)
    UNION ALL SELECT account, photo, 'photograph', $photo FROM pictured SEMI JOIN accounts USING (account)
    UNION ALL SELECT account, band, 'template', $template FROM banded SEMI JOIN accounts USING (account)
    UNION ALL SELECT account, contact, 'watermark', $watermark FROM watermarked SEMI JOIN accounts USING (account)
    UNION ALL SELECT unique_id, 'name:' || name, 'name', $name FROM profiles WHERE name IS NOT NULL
    UNION ALL SELECT unique_id, 'name:' || name || '@' || places[1], 'name and place', $name
              FROM profiles WHERE name IS NOT NULL AND len(places) > 0
    UNION ALL SELECT account, 'near:' || near, 'near name', $near FROM near_names
    UNION ALL SELECT unique_id, 'login:' || stem, 'similar id', $stem FROM profiles WHERE stem IS NOT NULL
)
SELECT DISTINCT account, block, kind, most FROM asked
"""
_SIZED = """
CREATE OR REPLACE TEMP TABLE sized AS
SELECT block, any_value(kind) AS kind, any_value(most) AS most, count(*) AS accounts FROM blocks
GROUP BY block HAVING count(*) > 1
"""
_CAPPED = """
CREATE OR REPLACE TEMP TABLE capped AS
SELECT block, kind, accounts FROM sized WHERE accounts > most ORDER BY accounts DESC, block
"""
# Said in words, since it is shown to analysts: what both show that was not used. Words that all write are not worth it.
_CAPPED_LISTS = """
CREATE OR REPLACE TEMP TABLE capped_lists AS
SELECT account, list(kind || ' ' || regexp_replace(block, '^(name|near|login):|#[0-9]+$', '', 'g') || ': on '
                     || capped.accounts || ' accounts' ORDER BY capped.accounts, block)[1:10] AS capped
FROM blocks JOIN capped USING (block, kind) WHERE kind IN ('contact', 'photograph', 'watermark', 'name') GROUP BY
    account
"""
# What comparisons look at and no more: what a pair carries along costs more than comparing it.
_BLOCKED = """
CREATE OR REPLACE TEMP TABLE blocked AS
SELECT {columns}, b.blocks FROM profiles p LEFT JOIN (
    SELECT account, list(hash(block)) AS blocks
    FROM blocks JOIN sized USING (block) WHERE sized.accounts <= sized.most GROUP BY account
) b ON b.account = p.unique_id
"""


_NEAR = """
SELECT DISTINCT name FROM profiles WHERE name IS NOT NULL AND name_spread <= $spread
"""


def make_near_names(db: DuckDBPyConnection) -> None:
    """Make near_names (account, near): keys under which names that differ a little meet."""
    names = db.sql(_NEAR, params={"spread": NEAR_SPREAD}).to_arrow_table()["name"].combine_chunks()
    keys = [
        name_keys(name, sound) for name, sound in zip(names.to_pylist(), pinyin_names(names).to_pylist(), strict=True)
    ]
    db.register("near_keys", pa.table({"name": names, "keys": pa.array(keys, pa.list_(pa.string()))}))
    db.execute(
        "CREATE OR REPLACE TEMP TABLE near_names AS "
        "SELECT unique_id AS account, unnest(keys) AS near FROM profiles JOIN near_keys USING (name)"
    )


def list_blocks(db: DuckDBPyConnection, *, photo: int, template: int, watermark: int) -> None:
    """Make blocks (account, block, kind, most) of the accounts in `accounts`.

    Args:
        photo, template, watermark: accounts on which one is still rare; see profiles.py.
    """
    given = {"contact": CONTACT_MOST, "name": NAME_MOST, "near": NEAR_NAME_MOST, "stem": STEM_MOST}
    db.execute(_KEYS, given | {"photo": photo, "template": template, "watermark": watermark})


# Columns of profiles that comparisons look at.
COMPARED = (
    "unique_id",
    *sorted({name for comparison in comparisons() for name in comparison.columns} | {"main_key"}),
)


def list_capped(db: DuckDBPyConnection) -> None:
    """Make sized (block, kind, most, accounts), capped (block, kind, accounts) and capped_lists (account, capped: in
    words) from blocks.
    """
    for statement in (_SIZED, _CAPPED, _CAPPED_LISTS):
        db.execute(statement)


def cap_blocks(db: DuckDBPyConnection) -> None:
    """Make blocked (what is compared of each profile, and its `blocks`) from blocks, and what `list_capped` does."""
    list_capped(db)
    db.execute(_BLOCKED.format(columns=", ".join(f"p.{name}" for name in COMPARED)))
