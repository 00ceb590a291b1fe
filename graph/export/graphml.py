"""The whole graph as GraphML, for Gephi, yEd, Cytoscape and networkx."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from graph.schema import NodeTable, Property, RelTable, load_schema
from graph.stores.base import GraphStore

_TYPES = {"int64": "long", "double": "double", "bool": "boolean"}
# XML 1.0 has no place for these, not even escaped.
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def write_graphml(store: GraphStore, path: Path) -> tuple[int, int]:
    """Write every node and relationship, row by row; return how many of each."""
    schema = load_schema()
    tables = schema.in_order()
    nodes = edges = 0
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        out.writelines(_keys(tables))
        out.write('<graph edgedefault="directed">\n')
        for node in schema.nodes.values():
            for row in store.read_all(node.name).to_pylist():
                nodes += 1
                out.write(_node(node, row))
        for rel in schema.relationships.values():
            for row in store.read_all(rel.name).to_pylist():
                edges += 1
                out.write(_edge(rel, row))
        out.write("</graph>\n</graphml>\n")
    return nodes, edges


def _keys(tables: tuple[NodeTable | RelTable, ...]) -> list[str]:
    lines = ['<key id="label" for="all" attr.name="label" attr.type="string"/>\n']
    seen = {"label"}
    for table in tables:
        domain = "node" if isinstance(table, NodeTable) else "edge"
        for prop in table.properties:
            if (key := _key(domain, prop)) not in seen:
                seen.add(key)
                kind = _TYPES.get(prop.type, "string")
                lines.append(f'<key id="{key}" for="{domain}" attr.name="{prop.name}" attr.type="{kind}"/>\n')
    return lines


def _key(domain: str, prop: Property) -> str:
    # One name may have two types (text and number) on two labels: the type is part of the key.
    return f"{domain}-{prop.name}-{_TYPES.get(prop.type, 'string')}"


def _node(table: NodeTable, row: dict[str, Any]) -> str:
    # Ids are unique within a label only: 'wechat' may be a platform and, in another case, a taxon.
    identity = f"{table.label}/{row['id']}"
    return f"<node id={_attribute(identity)}>{_data('node', table, row)}</node>\n"


def _edge(table: RelTable, row: dict[str, Any]) -> str:
    source, target = f"{table.source}/{row['src']}", f"{table.target}/{row['dst']}"
    return f"<edge source={_attribute(source)} target={_attribute(target)}>{_data('edge', table, row)}</edge>\n"


def _data(domain: str, table: NodeTable | RelTable, row: dict[str, Any]) -> str:
    name = table.label if isinstance(table, NodeTable) else table.type
    parts = [f'<data key="label">{name}</data>']
    for prop in table.properties:
        value = row.get(prop.name)
        if value is not None:
            parts.append(f'<data key="{_key(domain, prop)}">{escape(_text(value))}</data>')
    return "".join(parts)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "; ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return text.translate(_CONTROL)


def _attribute(value: str) -> str:
    return quoteattr(value.translate(_CONTROL))
