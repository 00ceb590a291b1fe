"""One ladybug connection: runs statements, translates its errors, hands out Arrow tables.

This is the border of the embedded store: ladybug raises RuntimeError for everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pyarrow as pa

from graph.schema import NodeTable, RelTable, Table, load_schema
from graph.stores import patterns, statements
from graph.stores.batch import Change
from graph.stores.handles import Handle
from graph.stores.results import column, ladybug_type, plain
from sellergraph.errors import QueryError, QueryTimeout, StoreError, WriteError

# Joins of 100,000 rows with their properties overflowed a buffer pool of 512 MB.
PART_ROWS = 20_000


# Ladybug's words for a property or a table that the file does not have.
_MISSING = re.compile(r"Cannot find property \w+ for|Table \w+ does not exist")
_OUTDATED = (
    "the graph was made by an earlier version, which knew no {}; run sellergraph ingest with the same files again, "
    "which brings it up to date"
)


class Link:
    """A connection to the handle's Database, made anew when the Database was opened anew."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._connection: Any = None
        self._generation = -1

    def run(self, statement: str, params: Mapping[str, Any] | None = None, *, seconds: float = 0.0) -> Any:
        """Run one statement and return ladybug's result; 0 seconds is no limit.

        Raises:
            QueryTimeout, QueryError: with ladybug's own words.
        """
        connection = self._connect()
        try:
            connection.set_query_timeout(int(seconds * 1000))
            return _executed(connection, statement, dict(params or {}))
        except RuntimeError as error:
            if _MISSING.search(str(error)) and (lacking := self._lacking()):
                raise QueryError(_OUTDATED.format(lacking)) from error
            raise _translated(error, seconds) from error

    def _lacking(self) -> str | None:
        """The first label or property of the schema that the file does not have."""
        schema = load_schema()
        wanted = {node.label: node.properties for node in schema.nodes.values()}
        wanted |= {kind: tables[0].properties for kind, tables in schema.relationship_types().items()}
        present = {row[0] for row in self._connect().execute("CALL show_tables() RETURN name").get_all()}
        for label, properties in wanted.items():
            if label not in present:
                return label
            stored = {row[0] for row in self._connect().execute(f"CALL table_info('{label}') RETURN name").get_all()}
            if missing := [prop.name for prop in properties if prop.name not in stored]:
                return f"{label}.{missing[0]}"
        return None

    def rows(self, statement: str, params: Mapping[str, Any] | None = None) -> list[list[Any]]:
        """All rows as Python lists: for catalogues and counts."""
        with self.run(statement, params) as result:
            found: list[list[Any]] = result.get_all()
            return found

    def table(self, statement: str, params: Mapping[str, Any] | None = None, *, seconds: float = 0.0) -> pa.Table:
        """All rows as Arrow, in the types that base.py promises."""
        with self.run(statement, params, seconds=seconds) as result:
            return arrow(result)

    def peek(
        self, statement: str, params: Mapping[str, Any] | None = None, *, limit: int, seconds: float
    ) -> tuple[pa.Table, bool]:
        """At most `limit` rows, and whether there were more; the rest never leaves ladybug."""
        with self.run(statement, params, seconds=seconds) as result:
            names, types = result.get_column_names(), map(ladybug_type, result.get_column_data_types())
            rows = list(islice(result, limit + 1))
        columns = [column([row[i] for row in rows[:limit]], kind) for i, kind in enumerate(types)]
        return pa.table(columns, names=names), len(rows) > limit

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: when the block or its commit fails, the Database is opened as it was before."""
        self.run("BEGIN TRANSACTION")
        self._handle.dirty = True
        committed = False
        try:
            yield
            self.run("COMMIT")
            committed = True
        except QueryError as error:
            raise WriteError(f"the batch could not be written, nothing of it was kept: {error}") from error
        finally:
            self.close()
            if not committed:
                self._handle.discard()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction that cannot write, also where the Database could."""
        if self._handle.read_only:
            yield
            return
        done = False
        try:
            self.run("BEGIN TRANSACTION READ ONLY")
            yield
            self.run("COMMIT")
            done = True
        finally:
            if not done:
                # An error has ended the transaction or not: a new connection has none in either case.
                self.close()

    def close(self) -> None:
        """Close the connection; the next statement makes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> Any:
        if self._connection is None or self._generation != self._handle.generation:
            self._connection = self._handle.connect()
            self._generation = self._handle.generation
        return self._connection


def _executed(connection: Any, statement: str, params: dict[str, Any]) -> Any:
    from ladybug import PreparedStatement

    # Of a statement given as text with parameters the connection keeps the plan as long as it lives, with its Arrow
    # table and the memory that it ran in: after ten large queries every other one failed for want of memory, or found
    # nothing.
    return connection.execute(PreparedStatement(connection, statement, params) if params else statement, params)


def arrow(result: Any) -> pa.Table:
    """A ladybug result as Arrow."""
    try:
        return plain(result.get_as_arrow())
    except (RuntimeError, pa.ArrowException) as error:
        raise QueryError(f"the result cannot be handed out: {error}") from error


def _translated(error: RuntimeError, seconds: float) -> StoreError:
    text = " ".join(str(error).split())
    if "Interrupted" in text:
        return QueryTimeout(f"the query took longer than {seconds:g} s and was stopped")
    if "bad_alloc" in text or "Unable to allocate memory" in text:
        return QueryError("the query needs more memory than there is")
    return QueryError(text)


class Lookup:
    """plan.Stored on a ladybug connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def stored(self, table: Table, rows: pa.Table, columns: Sequence[str]) -> pa.Table:
        ends = ["id"] if isinstance(table, NodeTable) else ["src", "dst"]
        asked = rows.select(ends).group_by(ends).aggregate([])
        parts = [self._fetch(table, part.columns, columns) for part in _parts(asked)]
        return pa.concat_tables(parts)

    def _fetch(self, table: Table, asked: Sequence[pa.ChunkedArray], columns: Sequence[str]) -> pa.Table:
        if isinstance(table, NodeTable):
            return _named(table, columns, self._asked(statements.fetch_nodes(table, columns), asked))
        found = self._asked(statements.fetch_relationships(table, columns), asked)
        return _named(table, columns, found.filter(found["found"]).drop_columns("found"))

    def _asked(self, statement: str, asked: Sequence[pa.ChunkedArray | pa.Array]) -> pa.Table:
        return self._link.table(statement, _rows_param(asked))

    def stored_all(self, table: Table, columns: Sequence[str]) -> pa.Table:
        return _named(table, columns, self._link.table(patterns.fetch_all(table, columns)))

    def known_ids(self, table: NodeTable, ids: pa.Array) -> pa.Array:
        return self._asked(statements.fetch_nodes(table, []), [ids])["v0"].combine_chunks()


# As quick as a million rows at once, which took a gigabyte more.
COPY_ROWS = 250_000
# The commit after a COPY writes out all that is touched of the tables: 6 s in a graph of a million accounts, where
# CREATE of a thousand rows takes .1 s. From some 20,000 rows on COPY is the quicker one.
CREATE_MOST = 10_000


def insert(link: Link, change: Change, *, few: bool) -> None:
    """Add the new rows; `few`: there are not more than CREATE_MOST in the transaction."""
    if few:
        for part in _parts(change.new):
            link.run(statements.create(change.table), _rows_param(part.columns))
        return
    for start in range(0, change.new.num_rows, COPY_ROWS):
        link.run(statements.copy(change.table), {"rows": change.new.slice(start, COPY_ROWS).combine_chunks()})


def update(link: Link, change: Change) -> None:
    """SET the changed columns of the changed rows."""
    for rows in change.changed:
        statement = statements.update(change.table, rows.column_names[len(change.table.key) :])
        for part in _parts(rows):
            link.run(statement, _rows_param(part.columns))


def delete(link: Link, table: Table, keys: pa.Table | None) -> None:
    """Delete the rows with these keys (all of the table's key columns), or every row."""
    if keys is None:
        link.run(patterns.delete_all(table))
        return
    for part in _parts(keys):
        link.run(statements.delete_keys(table), _rows_param(part.columns))


def _parts(rows: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, rows.num_rows, PART_ROWS):
        yield rows.slice(start, PART_ROWS)


def _rows_param(columns: Sequence[pa.ChunkedArray | pa.Array]) -> dict[str, pa.Table]:
    return {"rows": pa.table(list(columns), names=[f"c{i}" for i in range(len(columns))]).combine_chunks()}


def _named(table: Table, columns: Sequence[str], found: pa.Table) -> pa.Table:
    names = [*table.key, *columns]
    return found.rename_columns(names).cast(pa.schema([table.arrow.field(name) for name in names]))


def migrate_node(link: Link, table: NodeTable, present: bool) -> None:
    """Create the table, or add the columns that it lacks."""
    if not present:
        link.run(statements.create_node_table(table))
        return
    stored_columns = {row[0] for row in link.rows(f"CALL table_info('{table.label}') RETURN name")}
    for prop in table.properties:
        if prop.name not in stored_columns:
            link.run(statements.add_property(table.label, prop))


def migrate_relationship(link: Link, tables: Sequence[RelTable], present: bool) -> None:
    """Create the type with its pairs of ends, or add the pairs and columns that it lacks."""
    kind = tables[0].type
    if not present:
        link.run(statements.create_rel_table(tables))
        return
    pairs = {(row[0], row[1]) for row in link.rows(f"CALL show_connection('{kind}') RETURN *")}
    for table in tables:
        if (table.source, table.target) not in pairs:
            link.run(statements.add_pair(table))
    stored_columns = {row[0] for row in link.rows(f"CALL table_info('{kind}') RETURN name")}
    for prop in tables[0].properties:
        if prop.name not in stored_columns:
            link.run(statements.add_property(kind, prop))
