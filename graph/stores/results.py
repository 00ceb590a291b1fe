"""Bring the results of both stores to the same Arrow types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

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
    """Integers and whole sums as int64, times as timestamp[us] in UTC, text as string.

    Raises:
        pa.ArrowInvalid: a sum is not whole or does not fit 64 bits.
    """
    fields = [pa.field(field.name, plain_type(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


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
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=False)


def plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that both stores take alike: times in UTC without offset, days as their midnight."""
    return {name: _plain_value(value) for name, value in params.items()}


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
