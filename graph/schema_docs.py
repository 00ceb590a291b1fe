"""Render docs/schema.md from graph/schema.yaml: python -m graph.schema_docs [--check]."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.schema import Property, RelTable, Schema, load_schema

PAGE = Path(__file__).resolve().parents[1] / "docs" / "schema.md"
_INTRODUCTION = """# The graph

Made from graph/schema.yaml by `python -m graph.schema_docs`; change that file, not this page.

Every node's key is `id`. A relationship is the same one when its two ends and the properties marked
*key* are the same. Times are UTC without an offset.
"""


def render(schema: Schema) -> str:
    """The whole page as Markdown."""
    parts = [_INTRODUCTION, "## Nodes\n"]
    for node in schema.nodes.values():
        parts.append(f"### {node.label}\n\n{node.meaning}\n\n{_table(node.properties, node.key)}")
    parts.append("## Relationships\n")
    for kind, tables in schema.relationship_types().items():
        parts.append(_relationship(kind, tables))
    return "\n".join(parts)


def _relationship(kind: str, tables: Sequence[RelTable]) -> str:
    first = tables[0]
    targets = "|".join(table.target for table in tables)
    shape = f"`({first.source})-[:{kind}]->({targets})`"
    properties = _table(first.properties, first.key_properties) if first.properties else ""
    return f"### {kind}\n\n{shape}\n\n{first.meaning}\n" + (f"\n{properties}" if properties else "")


def _table(properties: Sequence[Property], key: Sequence[str]) -> str:
    return "\n".join(("| property | type | meaning |", "| --- | --- | --- |", *_rows(properties, key))) + "\n"


def _rows(properties: Sequence[Property], key: Sequence[str]) -> Iterator[str]:
    for prop in properties:
        notes = [note for note, holds in (("key", prop.name in key), ("indexed", prop.index)) if holds]
        kind = f"{prop.type}, *{', '.join(notes)}*" if notes else prop.type
        yield f"| {prop.name} | {kind} | {prop.meaning.replace('|', chr(92) + '|')} |"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with --check say whether it is stale (exit code 1)."""
    page = render(load_schema())
    if "--check" in arguments:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page:
            return 0
        print(f"{PAGE} does not match graph/schema.yaml; run: python -m graph.schema_docs", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
