"""What a resolution left in the graph, as Arrow tables with the columns of today's schema."""

from __future__ import annotations

import pyarrow as pa

from graph.lines import as_lists
from graph.stores import GraphStore
from sellergraph.errors import QueryError, QueryTimeout

_MATCHES = """
MATCH (a:Account)-[m:MATCHES]->(b:Account)
RETURN a.id AS src, b.id AS dst, m.probability AS probability, m.weight AS weight, m.joined AS joined,
       m.evidence_kinds AS comparisons, m.evidence_bits AS weights, m.contact_ids AS contacts
"""
_USES = """
MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
RETURN a.id AS account, c.id AS contact, u.role AS role
"""
MATCHES = pa.schema(
    [
        ("src", pa.string()),
        ("dst", pa.string()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("joined", pa.bool_()),
        ("comparisons", pa.list_(pa.string())),
        ("weights", pa.list_(pa.float64())),
        ("contacts", pa.list_(pa.string())),
    ]
)
# Lists are kept as text, an item a line.
_STORED = pa.schema([field.with_type(pa.string()) if pa.types.is_list(field.type) else field for field in MATCHES])
USES = pa.schema([("account", pa.string()), ("contact", pa.string()), ("role", pa.string())])


def read_matches(store: GraphStore) -> pa.Table:
    """Pairs that were compared, by the columns of MATCHES."""
    return as_lists(_read(store, _MATCHES, _STORED)).cast(MATCHES)


def read_uses(store: GraphStore) -> pa.Table:
    """What was decided about contacts: account, contact, role."""
    return _read(store, _USES, USES)


def _read(store: GraphStore, query: str, schema: pa.Schema) -> pa.Table:
    """Rows of the query; none where the case was written before the graph had these relationships and properties."""
    try:
        return store.read(query).cast(schema)
    except QueryTimeout:
        raise
    except QueryError:
        # The embedded store refuses a property that no table has yet; reading must not migrate.
        return schema.empty_table()
