"""Cypher of the Neo4j store, generated from graph/schema.yaml; names in it come from the schema alone.

Rows arrive as `$rows`, a list of lists: `row[0]` is the first key column.
"""

from __future__ import annotations

from collections.abc import Sequence

from graph.schema import NodeTable, RelTable, Schema, Table
from graph.stores.patterns import deletion, quote, returned, subject

LOCK_LABEL = "SellergraphLock"
# Writers take turns on this one node: two that write at once ran into deadlocks in 8 of 20 batches.
TAKE_LOCK = f"MERGE (lock:{LOCK_LABEL} {{id: 'write'}}) SET lock.taken = localdatetime()"
# The lock on the value in the constraint's index holds to the end of the transaction; no query sees the node.
DROP_LOCK = f"MATCH (lock:{LOCK_LABEL}) DELETE lock"


def migrations(schema: Schema) -> list[str]:
    """Constraints on every node's id, and the indexes that schema.yaml asks for."""
    made = [_unique(label) for label in (*schema.nodes, LOCK_LABEL)]
    for node in schema.nodes.values():
        made += [_index(node.label, prop.name) for prop in node.properties if prop.index]
    return made


def _unique(label: str) -> str:
    return f"CREATE CONSTRAINT {quote(f'{label}_id')} IF NOT EXISTS FOR (n:{quote(label)}) REQUIRE n.id IS UNIQUE"


def _index(label: str, name: str) -> str:
    return f"CREATE INDEX {quote(f'{label}_{name}')} IF NOT EXISTS FOR (n:{quote(label)}) ON (n.{quote(name)})"


def create(table: Table) -> str:
    """CREATE rows that are known to be new; $rows holds all columns of the schema."""
    names = table.arrow.names
    if isinstance(table, NodeTable):
        return f"UNWIND $rows AS row CREATE (:{quote(table.label)} {{{_map(names, names)}}})"
    properties = names[2:]
    values = f" {{{_map(properties, names)}}}" if properties else ""
    return f"UNWIND $rows AS row {_match_ends(table)} CREATE (a)-[:{quote(table.type)}{values}]->(b)"


def update(table: Table, columns: Sequence[str]) -> str:
    """Overwrite `columns`; $rows holds the key columns, then `columns`."""
    names = [*table.key, *columns]
    values = ", ".join(f"{subject(table)}.{quote(name)} = row[{names.index(name)}]" for name in columns)
    return f"UNWIND $rows AS row {_match_key(table)} SET {values}"


def fetch(table: Table, columns: Sequence[str]) -> str:
    """Stored keys and `columns` for ids, or for pairs of ends."""
    if isinstance(table, NodeTable):
        match = _match_key(table)
    else:
        match = f"{_match_ends(table)} MATCH (a)-[r:{quote(table.type)}]->(b)"
    return f"UNWIND $rows AS row {match} RETURN {returned(table, columns)}"


def delete_keys(table: Table) -> str:
    return f"UNWIND $rows AS row {_match_key(table)} {deletion(table)}"


def _match_key(table: Table) -> str:
    if isinstance(table, NodeTable):
        return f"MATCH (n:{quote(table.label)} {{id: row[0]}})"
    key = _map(table.key[2:], table.key)
    return f"{_match_ends(table)} MATCH (a)-[r:{quote(table.type)}{f' {{{key}}}' if key else ''}]->(b)"


def _match_ends(table: RelTable) -> str:
    return f"MATCH (a:{quote(table.source)} {{id: row[0]}}) MATCH (b:{quote(table.target)} {{id: row[1]}})"


def _map(names: Sequence[str], order: Sequence[str]) -> str:
    return ", ".join(f"{quote(name)}: row[{list(order).index(name)}]" for name in names)
