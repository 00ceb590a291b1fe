"""Contacts that an earlier reading found in a picture, whose text was since read anew: they cite what is no more."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.schema import load_schema
from graph.stores.base import GraphStore
from ingest.some import read_some

_TEXTS = """
MATCH (i:Image) WHERE ($every OR i.id IN $values) AND i.text IS NOT NULL
RETURN i.id AS image, i.text AS text
"""


def forget_stale(store: GraphStore, images: list[str]) -> int:
    """Remove what was read in these pictures and does not stand in their text now; return how many mentions."""
    if not images:
        return 0
    rows = read_some(store, _TEXTS, "image", images)
    texts = dict(zip(rows["image"].to_pylist(), rows["text"].to_pylist(), strict=True))
    removed = 0
    for table in load_schema().relationship_types()["MENTIONS"]:
        stale = [row for row in _read_in_pictures(store, table.name) if _is_stale(row, texts)] if texts else []
        if stale:
            fields = pa.schema([table.arrow.field(name) for name in table.key])
            store.delete(table.name, pa.Table.from_pylist([{k: r[k] for k in table.key} for r in stale], schema=fields))
            removed += len(stale)
    return removed


def _read_in_pictures(store: GraphStore, table: str) -> list[dict[str, Any]]:
    rows = store.read_all(table)
    found: list[dict[str, Any]] = rows.filter(pc.equal(rows["method"], "ocr")).to_pylist()
    return found


def _is_stale(row: dict[str, Any], texts: dict[str, str]) -> bool:
    text = texts.get(row["place"])
    return text is not None and text[row["span_start"] : row["span_end"]] != row["raw"]
