"""Work out what a batch changes, before the transaction that changes it; the same for both stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from graph.schema import NodeTable, RelTable, Schema, Table
from graph.stores.batch import Change, compare, given_columns, value_columns
from sellergraph.errors import WriteError


class Stored(Protocol):
    """What a store must be able to look up."""

    def stored(self, table: Table, rows: pa.Table, columns: Sequence[str]) -> pa.Table:
        """Stored rows that may share a key with `rows`: key columns, then `columns`."""

    def stored_all(self, table: Table, columns: Sequence[str]) -> pa.Table:
        """Every stored row: key columns, then `columns`."""

    def known_ids(self, table: NodeTable, ids: pa.Array) -> pa.Array:
        """Those of `ids` that are stored nodes."""


def plan_write(schema: Schema, rows: Mapping[str, pa.Table], source: Stored) -> list[Change]:
    """Changes of an upsert of cleaned `rows`, nodes first.

    Raises:
        WriteError: an end of a relationship does not exist.
    """
    ends = _Ends(schema, rows, source)
    changes = []
    for name, batch in rows.items():
        table = schema.table(name)
        columns = given_columns(table, batch)
        asked = batch
        if isinstance(table, RelTable):
            ends.check(table, batch)
            asked = ends.both_stored(table, batch)
        change = compare(table, batch, _lookup(source, table, asked, columns), columns)
        ends.new[name] = change.new
        changes.append(change)
    return changes


def plan_replace(
    schema: Schema, rows: Mapping[str, pa.Table], source: Stored, stamps: Sequence[str] = ()
) -> list[Change]:
    """Changes that make the named tables hold exactly `rows`; see `compare` for `stamps`.

    Raises:
        WriteError: an end of a relationship does not exist, or would not exist any more.
    """
    ends = _Ends(schema, rows, source)
    changes = []
    for name, batch in rows.items():
        table = schema.table(name)
        columns = value_columns(table)
        if isinstance(table, RelTable):
            ends.check(table, batch)
        change = compare(table, batch, source.stored_all(table, columns), columns, exact=True, stamps=stamps)
        ends.doomed[name] = change.doomed
        changes.append(change)
    return changes


def plan_amend(
    schema: Schema,
    rows: Mapping[str, pa.Table],
    gone: Mapping[str, pa.Table],
    source: Stored,
    stamps: Sequence[str] = (),
) -> list[Change]:
    """Changes that make these rows stand exactly as given and remove those with the keys in `gone`; see `compare`.

    Raises:
        WriteError: an end of a relationship does not exist.
    """
    ends = _Ends(schema, rows, source)
    changes = []
    for table in schema.in_order():
        if table.name not in rows and table.name not in gone:
            continue
        batch = rows.get(table.name, table.arrow.empty_table())
        columns = value_columns(table)
        asked = batch
        if isinstance(table, RelTable):
            ends.check(table, batch)
            asked = ends.both_stored(table, batch)
        change = compare(table, batch, _lookup(source, table, asked, columns), columns, exact=True, stamps=stamps)
        doomed = gone.get(table.name, batch.slice(0, 0).select(list(table.key)))
        change = Change(table, change.new, change.changed, doomed)
        ends.new[table.name] = change.new
        changes.append(change)
    return changes


def _lookup(source: Stored, table: Table, rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    if rows.num_rows:
        return source.stored(table, rows, columns)
    return rows.select([*table.key, *columns])


class _Ends:
    """Which nodes there will be: those of the batch and those stored."""

    def __init__(self, schema: Schema, rows: Mapping[str, pa.Table], source: Stored) -> None:
        self._schema = schema
        self._rows = rows
        self._source = source
        self.new: dict[str, pa.Table] = {}
        self.doomed: dict[str, pa.Table] = {}
        # Label -> ids that were found stored: several tables end at the same nodes, and a million take a second to ask.
        self._known: dict[str, pa.Array] = {}

    def check(self, table: RelTable, rows: pa.Table) -> None:
        for column, label in (("src", table.source), ("dst", table.target)):
            missing = self._missing(label, pc.unique(rows[column]))
            if len(missing):
                raise WriteError(
                    f"{table.name}: {len(missing)} values of {column} are no {label}, e.g. {missing[0].as_py()!r}; "
                    "nothing of the batch was kept"
                )

    def both_stored(self, table: RelTable, rows: pa.Table) -> pa.Table:
        """Rows that may be there already: neither end is new in this batch."""
        for column, label in (("src", table.source), ("dst", table.target)):
            if label in self.new and self.new[label].num_rows:
                rows = rows.filter(pc.invert(pc.is_in(rows[column], self.new[label]["id"])))
        return rows

    def _missing(self, label: str, ids: pa.Array) -> pa.Array:
        if label in self._rows:
            ids = _without(ids, self._rows[label]["id"])
        if label in self._known:
            ids = _without(ids, self._known[label])
        if not len(ids):
            return ids
        known = self._source.known_ids(self._schema.nodes[label], ids)
        if label in self.doomed:
            known = _without(known, self.doomed[label]["id"])
        self._known[label] = pa.concat_arrays([self._known[label], known]) if label in self._known else known
        return _without(ids, known)


def _without(ids: pa.Array, others: pa.Array | pa.ChunkedArray) -> pa.Array:
    return ids.filter(pc.invert(pc.is_in(ids, others)))
