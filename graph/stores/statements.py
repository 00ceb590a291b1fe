"""Cypher and table definitions of the embedded store, generated from graph/schema.yaml.

Names in them come from the schema alone. Rows arrive as an Arrow table `$rows` whose columns are
renamed to `c0`, `c1`, ...: a column that is called like a property would hide it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.schema import NodeTable, Property, RelTable, Table
from graph.stores.patterns import deletion, quote, returned, subject

TYPES = {
    "string": "STRING",
    "int64": "INT64",
    "double": "DOUBLE",
    "bool": "BOOL",
    "timestamp": "TIMESTAMP",
    "string[]": "STRING[]",
    "double[]": "DOUBLE[]",
}


def create_node_table(table: NodeTable) -> str:
    return f"CREATE NODE TABLE {quote(table.label)} ({_columns(table.properties)}, PRIMARY KEY (id))"


def create_rel_table(tables: Sequence[RelTable]) -> str:
    """One relationship type with all its pairs of ends."""
    pairs = ", ".join(f"FROM {quote(t.source)} TO {quote(t.target)}" for t in tables)
    columns = _columns(tables[0].properties)
    return f"CREATE REL TABLE {quote(tables[0].type)} ({pairs}{', ' + columns if columns else ''})"


def add_property(owner: str, prop: Property) -> str:
    return f"ALTER TABLE {quote(owner)} ADD IF NOT EXISTS {quote(prop.name)} {TYPES[prop.type]}"


def add_pair(table: RelTable) -> str:
    return f"ALTER TABLE {quote(table.type)} ADD IF NOT EXISTS FROM {quote(table.source)} TO {quote(table.target)}"


def copy(table: Table) -> str:
    """COPY of rows with all columns of the schema, in its order."""
    if isinstance(table, NodeTable):
        return f"COPY {quote(table.label)} ({_names(table.arrow.names)}) FROM $rows"
    ends = f"(from='{table.source}', to='{table.target}')"
    columns = _names(p.name for p in table.properties)
    return f"COPY {quote(table.type)}{f' ({columns})' if columns else ''} FROM $rows {ends}"


def create(table: Table) -> str:
    """CREATE of rows with all columns of the schema, in its order; a relationship's ends must be stored."""
    names = table.arrow.names
    if isinstance(table, NodeTable):
        return f"LOAD FROM $rows CREATE (:{quote(table.label)} {_properties(names, 0)})"
    made = f"[:{quote(table.type)} {_properties(names[2:], 2)}]"
    return f"LOAD FROM $rows {_match_ends(table)} CREATE (a)-{made}->(b)"


def _properties(names: Sequence[str], first: int) -> str:
    given = ", ".join(f"{quote(name)}: c{place}" for place, name in enumerate(names, first))
    return f"{{{given}}}" if given else ""


def fetch_nodes(table: NodeTable, columns: Sequence[str]) -> str:
    """Stored ids and `columns` of the nodes whose ids are in c0; a lookup in the key's index."""
    return f"LOAD FROM $rows MATCH (n:{quote(table.label)} {{id: c0}}) RETURN {returned(table, columns)}"


def fetch_relationships(table: RelTable, columns: Sequence[str]) -> str:
    """Keys, `columns` and whether there is one, for pairs c0, c1 whose ends are both stored.

    Measured on 600,000 relationships: OPTIONAL MATCH masks the scan (.1 s for 100 pairs), MATCH scans all (.6 s).
    """
    return (
        f"LOAD FROM $rows {_match_ends(table)} OPTIONAL MATCH (a)-[r:{quote(table.type)}]->(b) "
        f"RETURN {returned(table, columns)}, r IS NOT NULL AS found"
    )


def update(table: Table, columns: Sequence[str]) -> str:
    """Overwrite `columns` of rows that exist; $rows holds the key columns, then `columns`."""
    names = [*table.key, *columns]
    values = ", ".join(f"{subject(table)}.{quote(name)} = c{names.index(name)}" for name in columns)
    return f"LOAD FROM $rows {_match_key(table, 'MERGE')} SET {values}"


def delete_keys(table: Table) -> str:
    # As in fetch_relationships: after MATCH all relationships of the type would be looked at.
    return f"LOAD FROM $rows {_match_key(table, 'OPTIONAL MATCH')} {deletion(table)}"


def _match_key(table: Table, verb: str = "MATCH") -> str:
    if isinstance(table, NodeTable):
        return f"MATCH (n:{quote(table.label)} {{id: c0}})"
    key = ", ".join(f"{quote(name)}: c{i}" for i, name in enumerate(table.key) if i > 1)
    # MERGE finds what is there just as MATCH does, by the masked scan of fetch_relationships.
    return f"{_match_ends(table)} {verb} (a)-[r:{quote(table.type)}{f' {{{key}}}' if key else ''}]->(b)"


def _match_ends(table: RelTable) -> str:
    # One MATCH with two ends would be their cross product: 100 rows on 100,000 nodes filled 2 GB.
    return f"MATCH (a:{quote(table.source)} {{id: c0}}) MATCH (b:{quote(table.target)} {{id: c1}})"


def _columns(properties: Iterable[Property]) -> str:
    return ", ".join(f"{quote(p.name)} {TYPES[p.type]}" for p in properties)


def _names(names: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in names)
