"""Cypher that both stores read alike, generated from graph/schema.yaml; names in it come from the schema alone."""

from __future__ import annotations

from collections.abc import Sequence

from graph.schema import NodeTable, RelTable, Table


def quote(name: str) -> str:
    """A name of the schema in backticks: some are words of the language."""
    return f"`{name}`"


def subject(table: Table) -> str:
    """The variable that stands for a row: `n` for a node, `r` for a relationship."""
    return "n" if isinstance(table, NodeTable) else "r"


def pattern(table: Table) -> str:
    """The pattern that every row of the table fits."""
    if isinstance(table, NodeTable):
        return f"(n:{quote(table.label)})"
    return f"(a:{quote(table.source)})-[r:{quote(table.type)}]->(b:{quote(table.target)})"


def returned(table: Table, columns: Sequence[str]) -> str:
    """Key columns, then `columns`, called v0, v1, ...: c0 is a column of the embedded store's $rows already."""
    owner = {"src": "a.id", "dst": "b.id"} if isinstance(table, RelTable) else {}
    names = [*table.key, *columns]
    return ", ".join(f"{owner.get(name, f'{subject(table)}.{quote(name)}')} AS v{i}" for i, name in enumerate(names))


def deletion(table: Table) -> str:
    """Delete the row that was matched; a node goes with its relationships."""
    return "DETACH DELETE n" if isinstance(table, NodeTable) else "DELETE r"


def count(table: Table) -> str:
    """Number of rows, as `n`."""
    return f"MATCH {pattern(table)} RETURN count(*) AS n"


def fetch_all(table: Table, columns: Sequence[str]) -> str:
    """Keys and `columns` of every row."""
    return f"MATCH {pattern(table)} RETURN {returned(table, columns)}"


def delete_all(table: Table) -> str:
    """Every row of the table."""
    return f"MATCH {pattern(table)} {deletion(table)}"
