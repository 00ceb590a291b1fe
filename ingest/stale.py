"""Contacts that an earlier reading found in a picture, whose text was since read anew: they cite what is no more."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

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
        stale = [row for row in store.read_all(table.name).to_pylist() if _is_stale(row, texts)] if texts else []
        if stale:
            fields = pa.schema([table.arrow.field(name) for name in table.key])
            store.delete(table.name, pa.Table.from_pylist([{k: r[k] for k in table.key} for r in stale], schema=fields))
            removed += len(stale)
    return removed


def _is_stale(row: dict[str, Any], texts: dict[str, str]) -> bool:
    text = texts.get(row["place"]) if row["method"] == "ocr" else None
    return text is not None and text[row["span_start"] : row["span_end"]] != row["raw"]
