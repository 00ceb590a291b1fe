"""The contract that every graph store keeps; tests/graph/stores runs the same cases on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa

Tables = Mapping[str, pa.Table]


class GraphStore(Protocol):
    """A property graph with the labels and relationships of graph/schema.yaml."""

    dialect: str
    """Name of the folder in cypher/ with this store's own forms: 'embedded' or 'neo4j'."""

    def migrate(self) -> None:
        """Create what schema.yaml asks for and is not there yet; changes nothing the second time."""

    def write(self, tables: Tables) -> dict[str, int]:
        """Upsert rows by key, all tables in one transaction; return how many rows were new, by table.

        Keys of `tables` are table names of the schema ('Ad', 'Ad.MENTIONS.Phone'). Columns may be
        missing (null). A null leaves a stored value as it is: it says nothing. Rows that share a
        key are joined column by column, the last value that is not null wins. Timestamps with an
        offset become UTC. A relationship whose ends do not exist is an error.

        Raises:
            SchemaError: an unknown table or column. WriteError: nothing of the batch was kept.
        """

    def read(self, query: str, /, **params: Any) -> pa.Table:
        """Run one read-only Cypher query; columns are named by its aliases.

        Timestamps come as timestamp[us] without offset, integers as int64.

        Raises:
            QueryError: the query failed. QueryTimeout: it took too long.
        """

    def read_all(self, table: str) -> pa.Table:
        """All rows of one table, with the schema's columns and types, sorted by key."""

    def peek(self, query: str, /, *, limit: int, seconds: float, **params: Any) -> tuple[pa.Table, bool]:
        """Like `read`, but at most `limit` rows and `seconds`; the flag says whether there were more rows."""

    def delete(self, table: str, keys: pa.Table | None = None) -> None:
        """Remove all rows of a table, or those with these keys; a node goes with its relationships."""

    def replace(self, tables: Tables, *, stamps: Sequence[str] = (), also: Tables | None = None) -> None:
        """In one transaction empty the named tables, then write these rows: readers see old or new.

        A stored row that differs in the columns `stamps` alone, which say when it was written, stays as it is.
        `also`: rows of other tables that are written (see `write`) in the same transaction.
        """

    def amend(self, tables: Tables, gone: Tables, *, stamps: Sequence[str] = (), also: Tables | None = None) -> None:
        """In one transaction remove the rows with the keys in `gone` and let these rows stand exactly as given.

        Unlike `write` a null is a value; unlike `replace` rows that are not named stay. A key must not be in both.
        `stamps`, `also`: see `replace`.
        """

    def counts(self) -> dict[str, int]:
        """Number of rows by table name."""

    def close(self) -> None:
        """Let go of the store; safe to call twice."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
