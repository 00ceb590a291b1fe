"""Load graph/schema.yaml, the only list of labels, relationship types and property types.

Everything that needs the model derives it from here: Arrow schemas, Neo4j constraints, embedded
tables, write statements, docs/schema.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from sellergraph.errors import SchemaError
from sellergraph.resources import data_path, load_yaml

ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "string[]": pa.list_(pa.string()),
    "double[]": pa.list_(pa.float64()),
}


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a node or relationship."""

    name: str
    type: str
    meaning: str
    index: bool = False


@dataclass(frozen=True, slots=True)
class NodeTable:
    """All nodes of one label; the table's name is the label, its key the column `id`."""

    label: str
    meaning: str
    properties: tuple[Property, ...]

    @property
    def name(self) -> str:
        return self.label

    @property
    def key(self) -> tuple[str, ...]:
        return ("id",)

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema([pa.field(p.name, ARROW_TYPES[p.type]) for p in self.properties])


@dataclass(frozen=True, slots=True)
class RelTable:
    """All relationships of one type between two labels, named like `Ad.MENTIONS.Phone`.

    Its columns are `src`, `dst` (node ids) and the properties; its key is src, dst and `key_properties`.
    """

    type: str
    source: str
    target: str
    meaning: str
    properties: tuple[Property, ...]
    key_properties: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.source}.{self.type}.{self.target}"

    @property
    def key(self) -> tuple[str, ...]:
        return ("src", "dst", *self.key_properties)

    @property
    def arrow(self) -> pa.Schema:
        ends = [pa.field("src", pa.string()), pa.field("dst", pa.string())]
        return pa.schema(ends + [pa.field(p.name, ARROW_TYPES[p.type]) for p in self.properties])


Table = NodeTable | RelTable


@dataclass(frozen=True, slots=True)
class Schema:
    """The whole model: node tables first, then relationship tables, in the order of schema.yaml."""

    nodes: dict[str, NodeTable]
    relationships: dict[str, RelTable]

    def table(self, name: str) -> Table:
        """Return the table called `name`, or raise SchemaError."""
        found: Table | None = self.nodes.get(name) or self.relationships.get(name)
        if found is None:
            raise SchemaError(f"graph/schema.yaml has no table {name!r}")
        return found

    def in_order(self) -> tuple[Table, ...]:
        """All tables, nodes before the relationships that need them."""
        return (*self.nodes.values(), *self.relationships.values())

    def relationship_types(self) -> dict[str, tuple[RelTable, ...]]:
        """Tables by relationship type: one type may have several targets."""
        types: dict[str, list[RelTable]] = {}
        for table in self.relationships.values():
            types.setdefault(table.type, []).append(table)
        return {name: tuple(tables) for name, tables in types.items()}


@cache
def load_schema() -> Schema:
    """Read and check graph/schema.yaml once a process.

    Raises:
        SchemaError: an unknown property type, a relationship with an unknown end or key.
    """
    raw = load_yaml(data_path("graph/schema.yaml"))
    nodes = {label: _node(label, spec) for label, spec in raw["nodes"].items()}
    tables = [table for kind, spec in raw["relationships"].items() for table in _relationships(kind, spec, nodes)]
    return Schema(nodes, {table.name: table for table in tables})


def _node(label: str, spec: Mapping[str, Any]) -> NodeTable:
    properties = _properties(label, spec)
    if properties[0].name != "id":
        raise SchemaError(f"schema.yaml: the first property of {label} must be id")
    return NodeTable(label, spec["meaning"], properties)


def _relationships(kind: str, spec: Mapping[str, Any], nodes: Mapping[str, NodeTable]) -> list[RelTable]:
    properties = _properties(kind, spec)
    key = tuple(spec.get("key", ()))
    unknown = {spec["source"], *spec["targets"]} - set(nodes) | set(key) - {p.name for p in properties}
    if unknown:
        raise SchemaError(f"schema.yaml: {kind} names unknown {', '.join(sorted(unknown))}")
    return [RelTable(kind, spec["source"], target, spec["meaning"], properties, key) for target in spec["targets"]]


def _properties(owner: str, spec: Mapping[str, Any]) -> tuple[Property, ...]:
    found = tuple(Property(name, **p) for name, p in (spec.get("properties") or {}).items())
    for prop in found:
        if prop.type not in ARROW_TYPES:
            raise SchemaError(f"schema.yaml: {owner}.{prop.name} has the unknown type {prop.type!r}")
    return found
