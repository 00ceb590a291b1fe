"""Whose each contact is, as the last resolution decided it (USES): read once, alike for everything that shows roles."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from graph.facts import COUNT, NUMBER, TEXT, TIME, fetch, read_of
from graph.sql import run_sql
from graph.stores.base import GraphStore

_ALL = read_of(
    """MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
    RETURN a.id AS account_id, c.id AS contact_id, u.role AS role, u.own_probability AS own_probability,
           u.tenure AS turn, u.accounts AS own_accounts, u.ads AS ads, u.first_seen AS first_seen,
           u.last_seen AS last_seen, u.reason AS reason""",
    account_id=TEXT, contact_id=TEXT, role=TEXT, own_probability=NUMBER, turn=COUNT, own_accounts=COUNT, ads=COUNT,
    first_seen=TIME, last_seen=TIME, reason=TEXT,
)  # fmt: skip
ROLES = read_of(
    """MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
    RETURN a.id AS account_id, c.id AS contact_id, u.role AS role""",
    account_id=TEXT, contact_id=TEXT, role=TEXT,
)  # fmt: skip
_OF_CONTACTS = read_of(
    """MATCH (c:Phone|Handle|QRCode|Email|Link) WHERE c.id IN $contacts
    MATCH (a:Account)-[u:USES]->(c)
    RETURN a.id AS account_id, c.id AS contact_id, u.role AS role, u.own_probability AS own_probability,
           u.tenure AS turn, u.accounts AS own_accounts, u.ads AS ads, u.first_seen AS first_seen,
           u.last_seen AS last_seen, u.reason AS reason""",
    **dict(zip(_ALL.schema.names, _ALL.schema.types, strict=True)),
)
# Read as the seller's own or a supplier's, but decided to be neither: nobody is led there.
NOT_LED = read_of(
    """MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
    WHERE u.role <> 'own' AND u.role <> 'supplier'
    RETURN a.id AS account_id, c.id AS carrier""",
    account_id=TEXT, carrier=TEXT,
)  # fmt: skip
_SELLERS_NOT_LED = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link) WHERE u.role <> 'own' AND u.role <> 'supplier'
    RETURN a.id AS account_id, c.id AS carrier""",
    account_id=TEXT, carrier=TEXT,
)  # fmt: skip
_KINDS = read_of(
    "MATCH (c:Phone|QRCode) WHERE c.id IN $contacts RETURN c.id AS contact_id, c.kind AS kind",
    contact_id=TEXT, kind=TEXT,
)  # fmt: skip
_UNDECIDED = pa.schema([("contact_id", TEXT), ("why", TEXT), ("role", TEXT)])
# Codes that resolution takes as contacts themselves (resolvers/observe.py).
PERSONAL_CODES = ("wechat_friend", "wechat_pay", "alipay", "qq")
# One operator's accounts: what is any one's own is the operator's own. Of equal ones the surest speaks.
_BY_SELLER = """
WITH of_seller AS (SELECT seller_id, d.* FROM decisions d JOIN runs USING (account_id))
SELECT seller_id, contact_id,
       CASE WHEN bool_or(role = 'own') THEN 'own' ELSE arg_max(role, (ads, role)) END AS role,
       max(own_probability) AS own_probability,
       arg_max(reason, (role = 'own', CASE WHEN role = 'own' THEN own_probability ELSE ads END, account_id)) AS reason
FROM of_seller GROUP BY seller_id, contact_id ORDER BY seller_id, contact_id
"""


def decisions(store: GraphStore, contacts: Iterable[str | None]) -> pa.Table:
    """What was decided about these contacts and every account that shows them.

    Returns:
        account_id, contact_id, role, own_probability, turn (of owners, from 1), own_accounts (that show it as their
        own in this turn), ads, first_seen, last_seen (UTC), reason; no rows before the first resolution.
    """
    wanted = sorted({contact for contact in contacts if contact})
    return fetch(store, _OF_CONTACTS, contacts=wanted) if wanted else _ALL.schema.empty_table()


def all_decisions(store: GraphStore) -> pa.Table:
    """`decisions` on every contact of the case."""
    return fetch(store, _ALL)


def all_roles(store: GraphStore) -> pa.Table:
    """account_id, contact_id, role: what was decided on every contact of the case, a row a turn."""
    return fetch(store, ROLES)


def by_seller(decided: pa.Table, runs: pa.Table) -> pa.Table:
    """The decisions summed up: seller_id, contact_id, role, own_probability, reason.

    Args:
        decided: see `decisions`. runs: account_id, seller_id.
    """
    return run_sql(_BY_SELLER, {"decisions": decided, "runs": runs})


def not_led(store: GraphStore, seller_id: str | None = None) -> pa.Table:
    """account_id, carrier: contacts in ads of accounts (of one seller) that are a courier's, hotline's or another's."""
    return fetch(store, NOT_LED) if seller_id is None else fetch(store, _SELLERS_NOT_LED, seller_id=seller_id)


def undecided(store: GraphStore, contacts: Iterable[str]) -> pa.Table:
    """Contacts that resolution says nothing about: contact_id, why (in words), role (null: as read beside it).

    A resolution leaves them out (resolvers/observe.py), or they came after the last one.
    """
    wanted = sorted(set(contacts))
    found = fetch(store, _KINDS, contacts=wanted).to_pylist() if wanted else []
    kinds = {row["contact_id"]: row["kind"] for row in found}
    rows = [(contact, *_left_out(contact, kinds.get(contact))) for contact in wanted]
    return pa.Table.from_pylist([dict(zip(_UNDECIDED.names, row, strict=True)) for row in rows], schema=_UNDECIDED)


def _left_out(contact: str, kind: str | None) -> tuple[str, str | None]:
    if kind == "hotline":
        return "a 400 or 800 line is a firm's or a platform's and joins nobody", "platform"
    if contact.startswith("qq_group:"):
        return "a group has many members and joins nobody", None
    if contact.startswith("qr:") and kind not in PERSONAL_CODES:
        return "not one person's code; what it leads to counts instead", None
    return "not decided yet: it came after the last resolution", None
