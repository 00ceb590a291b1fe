"""What the graph says about accounts and the contacts that they show."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from graph.stores import GraphStore

# Codes whose holder is one person or till; a group's, a shop's or an unknown code has many users. A business card or a
# number counts as the handles and phones in it: it may be a hotline's.
PERSONAL_CODES = ("wechat_friend", "wechat_pay", "alipay", "qq")

ACCOUNTS = """
MATCH (a:Account)
RETURN a.id AS account, a.platform AS platform, a.seller_id AS seller_id, a.name AS name
"""

ACTIVITY = """
MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, ad.seller_name AS name, count(*) AS ads,
       min(ad.seen_at) AS first_seen, max(ad.seen_at) AS last_seen
"""

# One query a label: labels(n) differs between the stores. Whom others warn of says nothing of whose it is.
# A 400 or 800 line is a firm's or a platform's, whatever words stand beside it.
PHONES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone)
WHERE m.role <> 'warning' AND m.candidate_of IS NULL AND ad.account_id IS NOT NULL AND coalesce(c.kind, '') <> 'hotline'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, count(DISTINCT ad.id) AS ads
"""
EMAILS = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Email)
WHERE m.role <> 'warning' AND m.candidate_of IS NULL AND ad.account_id IS NOT NULL
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, count(DISTINCT ad.id) AS ads
"""
# A group has many members, and who names it may be any of them.
HANDLES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle)
WHERE m.role <> 'warning' AND m.candidate_of IS NULL AND ad.account_id IS NOT NULL AND c.service <> 'qq_group'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, count(DISTINCT ad.id) AS ads
"""
CODES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:QRCode)
WHERE m.role <> 'warning' AND ad.account_id IS NOT NULL AND c.kind IN $kinds
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, count(DISTINCT ad.id) AS ads
"""
# What a code resolves to counts as given by who shows the code, whatever the code's kind.
CODED_HANDLES = """
MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode)-[:RESOLVES_TO]->(c:Handle)
WHERE m.role <> 'warning' AND ad.account_id IS NOT NULL AND c.service <> 'qq_group'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, count(DISTINCT ad.id) AS ads
"""
CODED_PHONES = """
MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode)-[:RESOLVES_TO]->(c:Phone)
WHERE m.role <> 'warning' AND ad.account_id IS NOT NULL AND coalesce(c.kind, '') <> 'hotline'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, count(DISTINCT ad.id) AS ads
"""
ALL_HANDLES = """
MATCH (h:Handle) RETURN h.id AS handle, h.service AS service, h.value AS handle_value
"""

_GIVEN = pa.schema([("account", pa.string()), ("contact", pa.string()), ("role", pa.string()), ("ads", pa.int64())])
_ACCOUNTS = pa.schema([(name, pa.string()) for name in ("account", "platform", "seller_id", "name")])
_HANDLES = pa.schema([(name, pa.string()) for name in ("handle", "service", "handle_value")])
_ACTIVITY = pa.schema(
    [
        ("account", pa.string()),
        ("name", pa.string()),
        ("ads", pa.int64()),
        ("first_seen", pa.timestamp("us")),
        ("last_seen", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True, slots=True)
class Observations:
    """All that resolution reads, as tables.

    Attributes:
        accounts: account, platform, seller_id, name; one row an account.
        activity: account, name, ads, first_seen, last_seen; one row an account and display name.
        given: account, contact, role, ads: contacts that its ads show, by the role read beside them.
        handles: handle, service, handle_value; every handle of the graph, whoever's it is.
    """

    accounts: pa.Table
    activity: pa.Table
    given: pa.Table
    handles: pa.Table


def observe(store: GraphStore) -> Observations:
    """Read the store. See `Observations`."""
    given = [store.read(query) for query in (PHONES, EMAILS, HANDLES, CODED_HANDLES, CODED_PHONES)]
    given.append(store.read(CODES, kinds=list(PERSONAL_CODES)))
    return Observations(
        accounts=_typed(store.read(ACCOUNTS), _ACCOUNTS),
        activity=_typed(store.read(ACTIVITY), _ACTIVITY),
        given=pa.concat_tables([_typed(table, _GIVEN) for table in given]),
        handles=_typed(store.read(ALL_HANDLES), _HANDLES),
    )


def _typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """An empty answer has columns without a type."""
    return table.select(schema.names).cast(schema)
