"""The graph in one file of the case folder, by ladybug; nothing to install or start.

New rows go in by COPY, changed ones by SET, all of a batch in one transaction. Everything that can
be wrong with a batch is found before the transaction begins (see handles.py for why).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from graph.schema import Schema, load_schema
from graph.stores import patterns
from graph.stores.base import Tables
from graph.stores.batch import Change, clean, doomed_keys, key_rows, sorted_rows, value_columns
from graph.stores.handles import Handle, acquire, release
from graph.stores.hints import column_names
from graph.stores.link import CREATE_MOST, Link, Lookup, delete, insert, migrate_node, migrate_relationship, update
from graph.stores.lock import WAIT_SECONDS
from graph.stores.plan import plan_amend, plan_replace, plan_write
from graph.stores.results import prepared_read
from sellergraph.errors import StoreError, StoreUnavailable, WriteError

READ_SECONDS = 300.0


class EmbeddedStore:
    """GraphStore on a ladybug file; see base.py for the contract. Threads may share one store.

    Raises:
        StoreUnavailable: read_only and there is no graph yet, or the file cannot be opened.
        StoreLocked: another process holds the file, still after `wait` seconds.
    """

    dialect = "embedded"

    def __init__(self, path: Path, *, read_only: bool = False, wait: float = WAIT_SECONDS) -> None:
        if read_only and not path.exists():
            raise StoreUnavailable(f"nothing ingested yet: {path} does not exist; run 'sellergraph ingest PATH' first")
        self.path = path
        self.read_only = read_only
        self._schema: Schema = load_schema()
        self._mutex = threading.RLock()
        self._handle: Handle | None = acquire(path, read_only=read_only, seconds=wait)
        self._link = Link(self._handle)

    def migrate(self) -> None:
        with self._writing() as link:
            present = {row[0] for row in link.rows("CALL show_tables() RETURN name")}
            for node in self._schema.nodes.values():
                migrate_node(link, node, node.label in present)
            for kind, tables in self._schema.relationship_types().items():
                migrate_relationship(link, tables, kind in present)

    def write(self, tables: Tables) -> dict[str, int]:
        rows = clean(self._schema, tables)
        with self._writing() as link:
            changes = plan_write(self._schema, rows, Lookup(link))
            new = {change.table.name: change.new.num_rows for change in changes}
            _apply(link, changes)
        return new

    def replace(self, tables: Tables, *, stamps: Sequence[str] = (), also: Tables | None = None) -> None:
        rows, more = clean(self._schema, tables), clean(self._schema, also or {})
        with self._writing() as link:
            changes = plan_replace(self._schema, rows, Lookup(link), stamps)
            changes += plan_write(self._schema, more, Lookup(link))
            # From here on only the changes have the rows, and they let go of those that are written.
            del tables, rows
            _apply(link, changes)

    def amend(self, tables: Tables, gone: Tables, *, stamps: Sequence[str] = (), also: Tables | None = None) -> None:
        rows, doomed = clean(self._schema, tables), doomed_keys(self._schema, gone)
        more = clean(self._schema, also or {})
        with self._writing() as link:
            changes = plan_amend(self._schema, rows, doomed, Lookup(link), stamps)
            changes += plan_write(self._schema, more, Lookup(link))
            _apply(link, changes)

    def delete(self, table: str, keys: pa.Table | None = None) -> None:
        found = self._schema.table(table)
        with self._writing() as link, link.transaction():
            delete(link, found, None if keys is None else key_rows(found, keys))

    def read(self, query: str, /, **params: Any) -> pa.Table:
        _, given = prepared_read(query, params)
        with self._open() as link, link.reading():
            return link.table(query, given, seconds=READ_SECONDS)

    def read_all(self, table: str) -> pa.Table:
        found = self._schema.table(table)
        with self._open() as link, link.reading():
            return sorted_rows(found, Lookup(link).stored_all(found, value_columns(found)))

    def peek(self, query: str, /, *, limit: int, seconds: float, **params: Any) -> tuple[pa.Table, bool]:
        tokens, given = prepared_read(query, params)
        with self._open() as link, link.reading():
            found, more = link.peek(query, given, limit=limit, seconds=seconds)
        # Ladybug's own names of expressions are its own: COUNT_STAR(), CAST(…).
        names = column_names(tokens, query)
        return (found.rename_columns(names) if len(names) == found.num_columns else found), more

    def counts(self) -> dict[str, int]:
        with self._open() as link, link.reading():
            return {table.name: int(link.rows(patterns.count(table))[0][0]) for table in self._schema.in_order()}

    def close(self) -> None:
        with self._mutex:
            handle, self._handle = self._handle, None
            if handle is None:
                return
            with handle.guard:
                self._link.close()
            release(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _open(self) -> Iterator[Link]:
        with self._mutex:
            if self._handle is None:
                raise StoreError("the store is closed")
            if self._handle.read_only:
                yield self._link
                return
            # A failed batch opens the Database anew: nobody else may be in the middle of anything.
            with self._handle.guard:
                yield self._link

    @contextmanager
    def _writing(self) -> Iterator[Link]:
        if self.read_only:
            raise WriteError("the store was opened for reading only")
        with self._open() as link:
            yield link


def _apply(link: Link, changes: list[Change]) -> None:
    """Relationships go before their nodes and come after them; a change of nothing opens no transaction.

    The list is empty in the end: a million accounts' worth of rows takes a gigabyte.
    """
    if not any(changes):
        return
    few = sum(change.new.num_rows for change in changes) <= CREATE_MOST
    with link.transaction():
        for change in reversed(changes):
            delete(link, change.table, change.doomed)
        changes.reverse()
        while changes:
            change = changes.pop()
            insert(link, change, few=few)
            update(link, change)
