"""What was decided about each contact and account, as USES relationships: role, turn, probability and why, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Reasons in the order of their weight; read by analysts.
_USES = """
WITH own_accounts AS (
    SELECT contact, tenure, count(*) AS accounts FROM tenures GROUP BY ALL
), last_turn AS (SELECT contact, max(tenure) AS turns FROM tenures GROUP BY contact),
decided AS (
    SELECT r.account, r.node, r.ads, r.first_seen, r.last_seen, coalesce(t.tenure, 1) AS tenure,
           o.own_probability, coalesce(n.accounts, 0)::BIGINT AS accounts, l.turns,
           CASE WHEN own_probability >= 0.5 THEN 'own' WHEN o.marked THEN o.others_role
                WHEN o.personal_bits < 0 THEN coalesce(o.service_role, 'other') ELSE coalesce(o.others_role, 'other')
           END AS role,
           o.*
           EXCLUDE (account, contact, ads, first_seen, last_seen, own_probability)
    FROM read_as r JOIN owned o ON o.account = r.account AND o.contact = r.contact
    LEFT JOIN tenures t ON t.account = r.account AND t.contact = r.contact
    LEFT JOIN own_accounts n ON n.contact = r.contact AND n.tenure = coalesce(t.tenure, 1)
    LEFT JOIN last_turn l ON l.contact = r.contact
)
SELECT account AS src, node AS dst, tenure, role, round(own_probability, 4) AS own_probability, ads::BIGINT AS ads,
       first_seen, last_seen, accounts,
       array_to_string(list_filter([
           CASE WHEN named THEN 'it is the account''s own login or page' END,
           CASE WHEN in_name THEN 'it stands in the display name' END,
           CASE WHEN marked THEN 'the words beside it call it another''s (' || others_role || ') in '
                || (service + supplier + warning + other) || ' of ' || ads || ' ads' END,
           CASE WHEN NOT marked AND cued > 0 THEN 'words beside it give it as the seller''s own' END,
           CASE WHEN as_service > 0 THEN counted(as_service, 'account calls it', 'accounts call it')
                || ' a courier''s, guarantor''s or platform''s' END,
           CASE WHEN quoted > 0 THEN counted(quoted, 'account quotes it', 'accounts quote it') || ' as another''s' END,
           CASE WHEN personal_bits < 0 AND ownish > 2 THEN ownish || ' accounts show it as if their own, which have '
                || 'too little else in common to be one seller''s' END,
           CASE WHEN NOT named AND own > 0 AND own + 0.5 < 0.2 * (rival + 1)
                THEN 'the account gives another contact far more often' END,
           CASE WHEN ownish > 2 AND agrees <= -3 THEN
               'its place, name and other contacts differ from the others'' that show it' END,
           CASE WHEN ownish > 2 AND agrees >= 3 THEN
               'its place, name or other contacts agree with the others'' that show it' END,
           CASE WHEN turns > 1 THEN 'the contact passed on: turn ' || tenure || ' of ' || turns END,
           CASE WHEN NOT marked AND NOT named AND own_probability >= 0.5 AND as_service = 0 AND quoted = 0
                THEN 'nothing says that it is another''s' END
       ], lambda x: x IS NOT NULL), '; ') AS reason
FROM decided
"""
_COUNTED = """
CREATE OR REPLACE TEMP MACRO counted(n, one, several) AS n || ' ' || CASE WHEN n = 1 THEN one ELSE several END
"""
_LABELS = {"Phone": "tel:", "QRCode": "qr:", "Email": "mailto:", "Link": "link:"}


def uses_tables(db: DuckDBPyConnection) -> dict[str, pa.Table]:
    """Rows of Account.USES.* without run_id, by table name, in any order; needs read_as, owned and tenures."""
    db.execute(_COUNTED)
    used = db.sql(_USES).to_arrow_table()
    label = _labels(used["dst"])
    return {f"Account.USES.{name}": used.filter(pc.equal(label, name)) for name in (*_LABELS, "Handle")}


def _labels(contacts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The label of each contact, by how its id begins."""
    found = pa.chunked_array([pa.repeat("Handle", len(contacts))])
    for label, start in _LABELS.items():
        found = pc.if_else(pc.starts_with(contacts, start), label, found)
    return found
