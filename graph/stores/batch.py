"""What both stores do with a batch before they touch the database: check, cast, join, compare.

Rows are Arrow tables with exactly the columns of graph/schema.yaml. DuckDB joins and compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import pyarrow as pa
import pyarrow.compute as pc

from graph.schema import Schema, Table
from graph.sql import run_sql
from graph.stores.base import Tables
from sellergraph.errors import SchemaError, WriteError


@dataclass(frozen=True, slots=True)
class Change:
    """What one table needs: rows to insert, rows to overwrite, keys to delete.

    Each table of `changed` holds the key columns and those columns that differ, with the values that shall stand.
    """

    table: Table
    new: pa.Table
    changed: tuple[pa.Table, ...]
    doomed: pa.Table

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.new.num_rows or self.changed or self.doomed.num_rows)


def clean(schema: Schema, tables: Tables) -> dict[str, pa.Table]:
    """Return the tables in the schema's order, each with its columns, types and one row a key.

    Raises:
        SchemaError: an unknown table or column. WriteError: a value that does not fit, a key that is null.
    """
    wanted = {schema.table(name).name for name in tables}
    return {t.name: join_duplicates(t, _cast(t, tables[t.name])) for t in schema.in_order() if t.name in wanted}


def given_columns(table: Table, rows: pa.Table) -> list[str]:
    """Columns beside the key that say something: not null in every row."""
    return [name for name in value_columns(table) if rows[name].null_count < rows.num_rows]


def value_columns(table: Table) -> list[str]:
    """All columns beside the key."""
    return [name for name in table.arrow.names if name not in table.key]


def key_rows(table: Table, keys: pa.Table) -> pa.Table:
    """The key columns of `keys`, cast to the schema's types.

    Raises:
        SchemaError: a key column is missing.
    """
    missing = [name for name in table.key if name not in keys.column_names]
    if missing:
        raise SchemaError(f"the key of {table.name} is {', '.join(table.key)}; {', '.join(missing)} is missing")
    return _cast(table, keys.select(list(table.key))).select(list(table.key))


def doomed_keys(schema: Schema, gone: Tables) -> dict[str, pa.Table]:
    """The key columns of each table in `gone`; see `key_rows`."""
    return {name: key_rows(schema.table(name), keys) for name, keys in gone.items() if keys.num_rows}


def sorted_rows(table: Table, rows: pa.Table) -> pa.Table:
    """Rows with the schema's column order, sorted by key."""
    return rows.select(table.arrow.names).sort_by([(name, "ascending") for name in table.key])


def _cast(table: Table, rows: pa.Table) -> pa.Table:
    unknown = [name for name in rows.column_names if name not in table.arrow.names]
    if unknown:
        raise SchemaError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    columns = [_column(table, field, rows) for field in table.arrow]
    result = pa.table(columns, schema=table.arrow)
    for name in table.key:
        if result[name].null_count:
            raise WriteError(f"{table.name}: {result[name].null_count} rows have no {name}, which is part of the key")
    return result


def _column(table: Table, field: pa.Field, rows: pa.Table) -> pa.ChunkedArray:
    if field.name not in rows.column_names:
        return pa.chunked_array([pa.nulls(rows.num_rows, field.type)])
    column = rows[field.name]
    try:
        cast = _valid_text(column).cast(_instant(column.type, field.type)).cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise WriteError(f"{table.name}.{field.name} cannot be stored as {field.type}: {error}") from error
    return _storable(f"{table.name}.{field.name}", cast)


def _instant(given: pa.DataType, wanted: pa.DataType) -> pa.DataType:
    # Text or times with an offset must pass through UTC: a direct cast would refuse or keep the local hour.
    if pa.types.is_timestamp(wanted) and pa.types.is_timestamp(given) and given.tz is not None:
        return pa.timestamp("us", "UTC")
    return wanted


def _valid_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # Arrow lets through bytes that are not UTF-8 (a lone surrogate); both clients fail on them.
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return pa.chunked_array([[None if b is None else b.decode("utf-8", "replace") for b in raw]], pa.string())
    return column


def _storable(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_list(column.type) and pc.list_flatten(column).null_count:
        raise WriteError(f"{name}: a list must not hold a null")
    return column


def join_duplicates(table: Table, rows: pa.Table) -> pa.Table:
    """Join rows that share a key, column by column: the last value that is not null wins."""
    key = list(table.key)
    if rows.select(key).group_by(key).aggregate([]).num_rows == rows.num_rows:
        return rows
    names = ", ".join(_quote(name) for name in key)
    values = ", ".join(
        # arg_max passes over rows whose value is null.
        f"arg_max({_quote(name)}, position_) AS {_quote(name)}"
        for name in rows.column_names
        if name not in key
    )
    numbered = rows.append_column("position_", pa.array(range(rows.num_rows), pa.int64()))
    chosen = f"SELECT {names}{', ' if values else ''}{values} FROM numbered GROUP BY {names} ORDER BY min(position_)"
    return run_sql(chosen, {"numbered": numbered}).select(rows.column_names).cast(rows.schema)


def compare(
    table: Table,
    rows: pa.Table,
    stored: pa.Table,
    columns: list[str],
    *,
    exact: bool = False,
    stamps: Sequence[str] = (),
) -> Change:
    """Split cleaned `rows` into new and changed against the `stored` rows of the same keys.

    With `exact` a null is a value like any other, and stored keys that `rows` lacks are doomed;
    without it a null leaves the stored value. A row that differs in `stamps` alone is not changed.
    """
    none = rows.slice(0, 0)
    if not stored.num_rows:
        return Change(table, rows, (), none.select(list(table.key)))
    key = ", ".join(_quote(name) for name in table.key)
    new = run_sql(f"SELECT r.* FROM r ANTI JOIN s USING ({key})", {"r": rows, "s": stored}).cast(rows.schema)
    changed = _changed(table, rows, stored, columns, exact, stamps) if set(columns) - set(stamps) else ()
    doomed = none.select(list(table.key))
    if exact:
        doomed = run_sql(f"SELECT {key} FROM s ANTI JOIN r USING ({key})", {"r": rows, "s": stored}).cast(doomed.schema)
    return Change(table, new, changed, doomed)


# Rows that differ in the same columns are overwritten by a statement of their own when they are so many.
ALIKE = 100


def _changed(
    table: Table, rows: pa.Table, stored: pa.Table, columns: list[str], exact: bool, stamps: Sequence[str]
) -> tuple[pa.Table, ...]:
    key = ", ".join(_quote(name) for name in table.key)
    new = {name: f"r.{_quote(name)}" if exact else f"coalesce(r.{_quote(name)}, s.{_quote(name)})" for name in columns}
    values = ", ".join(f"{value} AS {_quote(name)}" for name, value in new.items())
    asked = [name for name in columns if name not in stamps]
    differs = " + ".join(
        f"CASE WHEN {new[name]} IS DISTINCT FROM s.{_quote(name)} THEN {1 << bit} ELSE 0 END"
        for bit, name in enumerate(asked)
    )
    found = run_sql(
        f"SELECT {key}, {values}, ({differs})::BIGINT AS differs_ FROM r JOIN s USING ({key}) WHERE differs_ <> 0",
        {"r": rows, "s": stored},
    )
    parts = []
    for bits, part in _alike(found):
        names = [*table.key, *(name for name in columns if name in stamps or bits >> asked.index(name) & 1)]
        parts.append(part.select(names).cast(pa.schema([rows.schema.field(name) for name in names])))
    return tuple(parts)


def _alike(found: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Rows that differ in the same columns, with the bits of these; few rows together with others."""
    bits = found["differs_"]
    counts = {row["values"]: row["counts"] for row in pc.value_counts(bits).to_pylist()}
    for value in sorted(value for value, rows in counts.items() if rows >= ALIKE):
        yield value, found.filter(pc.equal(bits, value))
    if few := [value for value, rows in counts.items() if rows < ALIKE]:
        yield reduce(or_, few), found.filter(pc.is_in(bits, pa.array(few, pa.int64())))


def _quote(name: str) -> str:
    return f'"{name}"'
