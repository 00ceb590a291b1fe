"""The graph on a Neo4j server (5.26 LTS), by the official driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import neo4j
import pyarrow as pa
from neo4j.exceptions import IncompleteCommit, Neo4jError

from graph.schema import NodeTable, Schema, Table, load_schema
from graph.stores import bolt_statements as statements
from graph.stores import patterns
from graph.stores.base import Tables
from graph.stores.batch import Change, clean, doomed_keys, key_rows, sorted_rows, value_columns
from graph.stores.bolt import connect, read_only_session, to_arrow, translated, typed_table
from graph.stores.hints import column_hints
from graph.stores.plan import plan_amend, plan_replace, plan_write
from graph.stores.results import prepared_read
from sellergraph.case import Settings
from sellergraph.errors import StoreError, UsageError, WriteError

READ_SECONDS = 300.0
# Measured: 9,000 to 11,000 nodes/s at 1,000 to 10,000 rows a statement.
ROWS_A_STATEMENT = 5_000
T = TypeVar("T")


class Neo4jStore:
    """GraphStore on a server; see base.py for the contract.

    Writers take turns: each write transaction first takes a lock on one node of its own label, which is gone
    when it ends.

    Raises:
        StoreUnavailable, StoreAuthError: the server does not answer, or refuses the credentials.
    """

    dialect = "neo4j"

    def __init__(self, settings: Settings, *, read_only: bool = False) -> None:
        self._settings = settings
        self.read_only = read_only
        self._schema: Schema = load_schema()
        self._driver: neo4j.Driver | None = connect(settings)

    def migrate(self) -> None:
        with self._session() as session, translated(self._settings, WriteError):
            for statement in statements.migrations(self._schema):
                # Managed, so that two commands which start at once on an empty server wait for each other.
                session.execute_write(_run, statement)
            session.run("CALL db.awaitIndexes(300)").consume()

    def write(self, tables: Tables) -> dict[str, int]:
        rows = clean(self._schema, tables)

        def work(link: _Link) -> list[Change]:
            return _applied(link, plan_write(self._schema, rows, link))

        return {change.table.name: change.new.num_rows for change in self._write(work)}

    def replace(self, tables: Tables, *, stamps: Sequence[str] = (), also: Tables | None = None) -> None:
        rows = clean(self._schema, tables)
        self._write_with(also, lambda link: plan_replace(self._schema, rows, link, stamps))

    def amend(self, tables: Tables, gone: Tables, *, stamps: Sequence[str] = (), also: Tables | None = None) -> None:
        rows, doomed = clean(self._schema, tables), doomed_keys(self._schema, gone)
        self._write_with(also, lambda link: plan_amend(self._schema, rows, doomed, link, stamps))

    def _write_with(self, also: Tables | None, plan: Callable[[_Link], list[Change]]) -> None:
        more = clean(self._schema, also or {})
        self._write(lambda link: _applied(link, plan(link) + plan_write(self._schema, more, link)))

    def delete(self, table: str, keys: pa.Table | None = None) -> None:
        found = self._schema.table(table)
        doomed = None if keys is None else key_rows(found, keys)
        self._write(lambda link: _delete(link, found, doomed))

    def read(self, query: str, /, **params: Any) -> pa.Table:
        tokens, given = prepared_read(query, params)

        @neo4j.unit_of_work(timeout=READ_SECONDS)
        def work(transaction: neo4j.ManagedTransaction) -> tuple[list[str], list[list[Any]]]:
            result = transaction.run(_text(query), given)
            return list(result.keys()), result.values()

        with translated(self._settings), read_only_session(self._open(), self._settings) as session:
            names, rows = session.execute_read(work)
        return to_arrow(names, rows, column_hints(tokens, given))

    def read_all(self, table: str) -> pa.Table:
        found = self._schema.table(table)
        with translated(self._settings), read_only_session(self._open(), self._settings) as session:
            rows = session.execute_read(lambda link: _Link(link).stored_all(found, value_columns(found)))
        return sorted_rows(found, rows)

    def peek(self, query: str, /, *, limit: int, seconds: float, **params: Any) -> tuple[pa.Table, bool]:
        from graph.stores.peek import peek

        tokens, given = prepared_read(query, params)
        names, rows = peek(self._settings, query, given, limit=limit, seconds=seconds)
        return to_arrow(names, rows[:limit], column_hints(tokens, given)), len(rows) > limit

    def counts(self) -> dict[str, int]:
        with translated(self._settings), read_only_session(self._open(), self._settings) as session:
            return {
                table.name: int(session.run(_text(patterns.count(table))).single(strict=True)["n"])
                for table in self._schema.in_order()
            }

    def close(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> neo4j.Driver:
        if self._driver is None:
            raise StoreError("the store is closed")
        return self._driver

    @contextmanager
    def _session(self) -> Iterator[neo4j.Session]:
        if self.read_only:
            raise WriteError("the store was opened for reading only")
        with self._open().session(database=self._settings.neo4j_database) as session:
            yield session

    def _write(self, work: Callable[[_Link], T]) -> T:
        def locked(transaction: neo4j.ManagedTransaction) -> T:
            link = _Link(transaction)
            link.run(statements.TAKE_LOCK)
            done = work(link)
            link.run(statements.DROP_LOCK)
            return done

        with translated(self._settings, WriteError), self._session() as session:
            try:
                return session.execute_write(locked)
            except IncompleteCommit:
                # Whether it was kept is not known; what a batch changes is worked out anew, so again does no harm.
                return session.execute_write(locked)


class _Link:
    """plan.Stored in a transaction."""

    def __init__(self, transaction: neo4j.ManagedTransaction) -> None:
        self._transaction = transaction

    def run(self, statement: str, rows: Sequence[Sequence[Any]] = ()) -> list[list[Any]]:
        try:
            return self._transaction.run(_text(statement), rows=rows).values()
        except Neo4jError as error:
            if "MemoryPoolOutOfMemory" in (error.code or ""):
                # It counts as passing, but the same batch would need the same memory again.
                raise WriteError(
                    "the batch is too large for the server's db.memory.transaction.max; nothing of it was kept"
                ) from error
            raise

    def stored(self, table: Table, rows: pa.Table, columns: Sequence[str]) -> pa.Table:
        ends = ["id"] if isinstance(table, NodeTable) else ["src", "dst"]
        asked = rows.select(ends).group_by(ends).aggregate([])
        statement = statements.fetch(table, columns)
        return _typed(table, columns, [row for part in _parts(asked) for row in self.run(statement, part)])

    def stored_all(self, table: Table, columns: Sequence[str]) -> pa.Table:
        return _typed(table, columns, self.run(patterns.fetch_all(table, columns)))

    def known_ids(self, table: NodeTable, ids: pa.Array) -> pa.Array:
        return self.stored(table, pa.table({"id": ids}), [])["id"].combine_chunks()


def _run(transaction: neo4j.ManagedTransaction, statement: str) -> None:
    transaction.run(_text(statement)).consume()


def _applied(link: _Link, changes: list[Change]) -> list[Change]:
    for change in reversed(changes):
        _delete(link, change.table, change.doomed)
    for change in changes:
        _each(link, statements.create(change.table), change.new)
        for rows in change.changed:
            _each(link, statements.update(change.table, rows.column_names[len(change.table.key) :]), rows)
    return changes


def _delete(link: _Link, table: Table, keys: pa.Table | None) -> None:
    if keys is None:
        link.run(patterns.delete_all(table))
    else:
        _each(link, statements.delete_keys(table), keys)


def _each(link: _Link, statement: str, rows: pa.Table) -> None:
    for part in _parts(rows):
        link.run(statement, part)


def _parts(rows: pa.Table) -> Iterator[list[list[Any]]]:
    for start in range(0, rows.num_rows, ROWS_A_STATEMENT):
        part = rows.slice(start, ROWS_A_STATEMENT)
        yield [list(row) for row in zip(*(column.to_pylist() for column in part.columns), strict=True)]


def _typed(table: Table, columns: Sequence[str], rows: list[list[Any]]) -> pa.Table:
    return typed_table(pa.schema([table.arrow.field(name) for name in (*table.key, *columns)]), rows)


def _text(statement: str) -> Any:
    # The driver's type asks for a literal string, to keep outsiders' text out; ours comes from the schema,
    # from cypher/ or through the read-only gate.
    return statement


def py2neo_graph(settings: Settings) -> Any:
    """A py2neo `Graph` on the case's server, for notebooks that were written for py2neo.

    Raises:
        UsageError: the case is embedded, or the extra is not installed.
        StoreUnavailable, StoreAuthError: the server does not answer, or refuses the credentials.
    """
    if settings.embedded:
        raise UsageError("py2neo needs a Neo4j server: choose one with --store bolt://localhost:7687")
    try:
        import py2neo
    except ImportError as error:
        raise UsageError("py2neo is not installed; get it with: pip install 'sellergraph[py2neo]'") from error
    # py2neo's own errors do not tell a wrong password from a server that is down; the driver's do.
    connect(settings).close()
    return py2neo.Graph(
        settings.store, auth=(settings.neo4j_user, settings.neo4j_password), name=settings.neo4j_database
    )
