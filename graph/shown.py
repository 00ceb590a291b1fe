"""Which contacts advertisements give for buyers to write or pay to: their own and their suppliers'."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import TEXT, fetch, read_of
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import not_led

_SHOWN = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
    WHERE m.candidate_of IS NULL AND (m.role = 'own' OR m.role = 'supplier')
    RETURN ad.id AS ad_id, ad.account_id AS account_id, c.id AS carrier""",
    ad_id=TEXT, account_id=TEXT, carrier=TEXT,
)  # fmt: skip
HOTLINES = read_of("MATCH (c:Phone) WHERE c.kind = 'hotline' RETURN c.id AS carrier", carrier=TEXT)
_GIVEN = """
SELECT DISTINCT ad_id, carrier AS contact_id FROM shown
ANTI JOIN not_led USING (account_id, carrier) ANTI JOIN hotlines USING (carrier)
"""


def shown_contacts(store: GraphStore) -> pa.Table:
    """ad_id, contact_id, a row each, in no order.

    Left out are misreadings, warnings, 400 and 800 lines, which are firms' and platforms', and what resolution decided
    to be somebody else's.
    """
    tables = {"shown": fetch(store, _SHOWN), "not_led": not_led(store), "hotlines": fetch(store, HOTLINES)}
    return run_sql(_GIVEN, tables)
