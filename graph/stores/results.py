"""Bring the results of both stores to the same Arrow types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from graph.tokens import Token, check_single_read
from sellergraph.errors import QueryError

_LADYBUG = {
    "STRING": pa.string(),
    "BOOL": pa.bool_(),
    "DOUBLE": pa.float64(),
    "FLOAT": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "INT128": pa.int64(),
    **{f"{sign}INT{bits}": pa.int64() for sign in ("", "U") for bits in (8, 16, 32, 64)},
}


def plain_type(given: pa.DataType) -> pa.DataType:
    """The type that a result column of this type is handed out as."""
    if pa.types.is_integer(given) or pa.types.is_decimal(given):
        return pa.int64()
    if pa.types.is_floating(given):
        return pa.float64()
    if pa.types.is_timestamp(given):
        return pa.timestamp("us")
    if pa.types.is_large_string(given) or pa.types.is_string_view(given) or pa.types.is_null(given):
        return pa.string()
    if pa.types.is_list(given) or pa.types.is_large_list(given):
        return pa.list_(plain_type(given.value_type))
    return given


def plain(table: pa.Table) -> pa.Table:
    """Integers and whole sums as int64, times as timestamp[us] in UTC, text as string, nodes as JSON text.

    Raises:
        pa.ArrowInvalid: a sum is not whole or does not fit 64 bits.
    """
    columns = [_plain_column(table[field.name], plain_type(field.type)) for field in table.schema]
    return pa.table(columns, names=table.column_names)


def _plain_column(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if _is_plain(kind):
        return values.cast(kind)
    return pa.chunked_array([column(values.to_pylist(), None)])


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind):
        return _is_plain(kind.value_type)
    return not (pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_union(kind))


def ladybug_type(name: str) -> pa.DataType | None:
    """Arrow type of a ladybug column ('INT64', 'STRING[]'), None for nodes, maps and the like."""
    if name.endswith("[]"):
        inner = ladybug_type(name[:-2])
        return None if inner is None else pa.list_(inner)
    return _LADYBUG.get(name)


def column(values: Sequence[Any], kind: pa.DataType | None) -> pa.Array:
    """Python values as Arrow; without a type, or where they do not fit it, as JSON text."""
    if kind is not None:
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
    return pa.array([None if v is None else v if isinstance(v, str) else as_json(v) for v in values], pa.string())


def as_json(value: Any) -> str:
    """A node, map or path as one line of JSON."""
    return json.dumps(_without_ids(value), ensure_ascii=False, default=str)


def _without_ids(value: Any) -> Any:
    # Ladybug's places in its own tables, and the columns of other labels in a mixed result.
    if isinstance(value, Mapping):
        node = "_LABEL" in value
        return {
            name: _without_ids(inner)
            for name, inner in value.items()
            if name not in ("_ID", "_SRC", "_DST") and not (node and inner is None)
        }
    if isinstance(value, list):
        return [_without_ids(inner) for inner in value]
    return value


def prepared_read(query: str, params: Mapping[str, Any]) -> tuple[list[Token], dict[str, Any]]:
    """Tokens of a read and its parameters as both stores take them: times in UTC, days as their midnight.

    Raises:
        QueryRefused: not one statement that begins like a read. QueryError: a parameter is missing.
    """
    tokens = check_single_read(query)
    named = {token.text[1:].strip("`") for token in tokens if token.kind == "parameter"}
    if missing := sorted(named - set(params)):
        # Ladybug would take it for null, in silence.
        raise QueryError(f"the query lacks the parameter {', '.join(missing)}")
    return tokens, {name: _plain_value(value) for name, value in params.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        # Neo4j compares a date with a time as null, in silence.
        return datetime.combine(value, time())
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {name: _plain_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain_value(inner) for inner in value]
    return value
