"""What an account can be known again by: its own contacts, its personal codes, the photographs that it shows."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import COUNT, TEXT, fetch, read_of
from graph.shown import HOTLINES
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import PERSONAL_CODES

CONTACT, QR, PHOTO = "contact", "qr", "photo"

_OWNED = read_of(
    """MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link) WHERE u.role = 'own'
    RETURN a.id AS account_id, c.id AS carrier, u.tenure AS turn""",
    account_id=TEXT, carrier=TEXT, turn=COUNT,
)  # fmt: skip
_DECIDED = read_of(
    "MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link) RETURN count(*) AS uses",
    uses=COUNT,
)
_MENTIONED = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone|Handle|Email|Link)
    WHERE m.role = 'own' AND m.candidate_of IS NULL AND ad.account_id IS NOT NULL
    RETURN DISTINCT ad.account_id AS account_id, c.id AS carrier""",
    account_id=TEXT, carrier=TEXT,
)  # fmt: skip
_CODES = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(c:QRCode)
    WHERE m.role = 'own' AND ad.account_id IS NOT NULL AND c.kind IN $kinds
    RETURN DISTINCT ad.account_id AS account_id, c.id AS carrier""",
    account_id=TEXT, carrier=TEXT,
)  # fmt: skip
# What a code resolves to is given by who shows the code, as resolution takes it.
_CODED = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode) WHERE m.role = 'own' AND ad.account_id IS NOT NULL
    MATCH (q)-[:RESOLVES_TO]->(c:Phone|Handle)
    RETURN DISTINCT ad.account_id AS account_id, c.id AS carrier""",
    account_id=TEXT, carrier=TEXT,
)  # fmt: skip
_PHOTOS = read_of(
    """MATCH (ad:Ad)-[:SHOWS]->(i:Image)-[:COPY_OF]->(p:Photo)
    WHERE ad.account_id IS NOT NULL AND coalesce(p.weak, false) = false
    RETURN DISTINCT ad.account_id AS account_id, p.id AS carrier""",
    account_id=TEXT, carrier=TEXT,
)  # fmt: skip
# Whoever came after the last resolution is its contact's last owner, as far as anybody knows.
_CARRIERS = """
WITH undecided AS (
    SELECT * FROM mentioned ANTI JOIN runs USING (account_id) ANTI JOIN hotlines USING (carrier)
    WHERE NOT starts_with(carrier, 'qq_group:')
), last_turns AS (
    SELECT carrier, max(turn) AS turn FROM owned GROUP BY carrier
), contacts AS (
    SELECT account_id, carrier, turn FROM owned
    UNION
    SELECT account_id, carrier, coalesce(turn, 1) FROM undecided LEFT JOIN last_turns USING (carrier)
)
SELECT account_id, carrier, turn, CASE WHEN starts_with(carrier, 'qr:') THEN $qr ELSE $contact END AS via FROM contacts
UNION ALL
SELECT DISTINCT account_id, carrier, 1, $photo FROM photos
ORDER BY account_id, carrier, turn
"""
_ANY_UNDECIDED = "SELECT count(*) AS n FROM posters ANTI JOIN runs USING (account_id)"
_POSTERS = read_of("MATCH (a:Account) RETURN a.id AS account_id", account_id=TEXT)


def read_carriers(store: GraphStore, runs: pa.Table) -> pa.Table:
    """Own contacts, personal codes and photographs of every account, once each, sorted.

    Own is what the last resolution decided; of accounts that it has not seen, what the words around the contact say.
    A firm's or platform's line and a group are nobody's own; photographs too plain to link anything are left out.

    Args:
        runs: account_id, seller_id.

    Returns:
        account_id, carrier (contact or photograph), turn (of the contact's owners, from 1), via (contact, qr or photo).
    """
    owned = fetch(store, _OWNED)
    # Where nothing was decided about contacts, no resolution told who runs what.
    runs = runs if fetch(store, _DECIDED)["uses"][0].as_py() else runs.slice(0, 0)
    posters = fetch(store, _POSTERS)
    waiting = run_sql(_ANY_UNDECIDED, {"posters": posters, "runs": runs})["n"][0].as_py()
    tables = {
        "owned": owned,
        "mentioned": _mentioned(store) if waiting else _MENTIONED.schema.empty_table(),
        "hotlines": fetch(store, HOTLINES),
        "photos": fetch(store, _PHOTOS),
        "runs": runs,
    }
    return run_sql(_CARRIERS, tables, {"qr": QR, "contact": CONTACT, "photo": PHOTO})


def _mentioned(store: GraphStore) -> pa.Table:
    codes = fetch(store, _CODES, kinds=list(PERSONAL_CODES))
    return pa.concat_tables([fetch(store, _MENTIONED), codes, fetch(store, _CODED)])
