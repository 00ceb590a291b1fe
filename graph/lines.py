"""Lists on relationships are kept as text, an item a line: the embedded store takes 20 times as long for a list."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

# Property of MATCHES -> the list that it holds.
MATCH_LINES = {
    "evidence_text": "evidence",
    "evidence_kinds": "comparisons",
    "evidence_bits": "weights",
    "contact_ids": "contacts",
    "capped_text": "capped",
}
NUMBERS = ("weights",)


def as_lists(table: pa.Table, names: Iterable[str] = MATCH_LINES.values()) -> pa.Table:
    """The columns in `names` as lists: of text, and of numbers (double) for those in NUMBERS; null stays null."""
    for name in names:
        place = table.schema.get_field_index(name)
        if place >= 0:
            table = table.set_column(place, name, _split(table[name].cast(pa.string()), name in NUMBERS))
    return table


def as_text(table: pa.Table) -> pa.Table:
    """The lists of MATCHES rows as the text that the graph keeps, under its names; other columns as they are."""
    for stored, name in MATCH_LINES.items():
        place = table.schema.get_field_index(name)
        if place >= 0:
            items = table[name].cast(pa.list_(pa.string())).combine_chunks()
            flat = pc.replace_substring(items.flatten(), "\n", " ")
            whole = pa.ListArray.from_arrays(_offsets(items), flat, mask=pc.is_null(items))
            table = table.set_column(place, stored, pc.binary_join(whole, "\n"))
    return table


def _offsets(items: pa.ListArray) -> pa.Array:
    """Where each list begins in the flattened items."""
    sizes = pc.fill_null(pc.list_value_length(items), 0)
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(sizes).cast(pa.int32())])


def _split(column: pa.ChunkedArray, numbers: bool) -> pa.ChunkedArray:
    parts = pc.split_pattern(column, "\n")
    kind = pa.float64() if numbers else pa.string()
    # An empty text is an empty list, which splitting would make a list of one empty text.
    empty = pc.fill_null(pc.equal(column, ""), False)
    none = pa.scalar([], pa.list_(pa.string()))
    return pc.if_else(empty, none, parts).cast(pa.list_(kind))
