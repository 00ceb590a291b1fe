"""The border to the Neo4j driver: opens it, translates its errors, turns its values into Arrow."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import neo4j
import pyarrow as pa
from neo4j import exceptions as bolt_errors
from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime

from graph.schema import load_schema
from graph.stores.hints import Types, common_type
from graph.stores.results import column
from sellergraph.case import Settings
from sellergraph.errors import (
    QueryError,
    QueryTimeout,
    SellergraphError,
    StoreAuthError,
    StoreError,
    StoreUnavailable,
)

CONNECT_SECONDS = 10.0
RETRY_SECONDS = 30.0
# The driver logs to a logger without a handler, which Python then prints to stderr.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_NOT_SIGNED_IN = ("Unauthorized", "CredentialsExpired", "AuthenticationRateLimit")
_TIMED_OUT = ("TransactionTimedOut", "TransactionTimedOutClientConfiguration", "LockAcquisitionTimeout")
_UNREACHABLE = (bolt_errors.ServiceUnavailable, bolt_errors.SessionExpired, bolt_errors.DatabaseUnavailable)


def connect(settings: Settings) -> neo4j.Driver:
    """Open a driver and make sure that the server answers and takes the credentials.

    Raises:
        StoreUnavailable, StoreAuthError: in one line, with the address and what to do.
    """
    with translated(settings):
        driver = neo4j.GraphDatabase.driver(
            settings.store,
            auth=(settings.neo4j_user, settings.neo4j_password),
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=2 * CONNECT_SECONDS,
            max_transaction_retry_time=RETRY_SECONDS,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
            user_agent="sellergraph",
        )
        try:
            with read_only_session(driver, settings) as session:
                session.run("RETURN 1").consume()
        except BaseException:
            driver.close()
            raise
        return driver


@contextmanager
def translated(settings: Settings, failure: type[StoreError] = QueryError) -> Iterator[None]:
    """Turn the driver's exceptions into sellergraph's; a server's 'no' to a statement becomes `failure`."""
    try:
        yield
    except (bolt_errors.Neo4jError, bolt_errors.DriverError) as error:
        raise translate(error, settings, failure) from error
    except (ValueError, OSError) as error:
        # The driver raises these for an address that it cannot resolve or read.
        raise StoreUnavailable(f"cannot use the address {settings.store}: {_line(error)}") from error


def translate(error: Exception, settings: Settings, failure: type[StoreError] = QueryError) -> SellergraphError:
    """The sellergraph error that says what a driver's exception means to the user."""
    kind = str(getattr(error, "code", None) or "").rsplit(".", 1)[-1]
    if isinstance(error, bolt_errors.AuthError | bolt_errors.TokenExpired) or kind in _NOT_SIGNED_IN:
        return StoreAuthError(
            f"Neo4j at {settings.store} refused user {settings.neo4j_user!r}: "
            "set SELLERGRAPH_NEO4J_USER and SELLERGRAPH_NEO4J_PASSWORD"
        )
    if kind == "DatabaseNotFound":
        return StoreUnavailable(
            f"Neo4j at {settings.store} has no database {settings.neo4j_database!r}: set SELLERGRAPH_NEO4J_DATABASE"
        )
    if kind in _TIMED_OUT:
        return QueryTimeout("the query took too long and was stopped by the server")
    if isinstance(error, _UNREACHABLE):
        return StoreUnavailable(
            f"cannot reach Neo4j at {settings.store}: is it running? "
            "Start it with 'docker compose up -d' or choose another with --store"
        )
    if isinstance(error, bolt_errors.ConfigurationError):
        return StoreUnavailable(f"cannot use the address {settings.store}: {_line(error)}")
    if isinstance(error, bolt_errors.Neo4jError):
        return failure(f"Neo4j: {_line(getattr(error, 'message', None) or error)}")
    return StoreError(f"the connection to Neo4j at {settings.store} failed: {_line(error)}")


def _line(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:297] + "..."


def read_only_session(driver: neo4j.Driver, settings: Settings, fetch_size: int = 1000) -> neo4j.Session:
    """A session in which the server refuses to write."""
    return driver.session(
        database=settings.neo4j_database, default_access_mode=neo4j.READ_ACCESS, fetch_size=fetch_size
    )


def to_arrow(names: Sequence[str], rows: Sequence[Sequence[Any]], hints: Types) -> pa.Table:
    """Rows of driver values as Arrow; `hints` type the columns in which no value came."""
    columns = []
    for place, name in enumerate(names):
        values = [plain_value(row[place]) for row in rows]
        columns.append(column(values, _type_of(values, hints.get(name))))
    return pa.table(columns, names=list(names))


def typed_table(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows of stored properties in the schema's types."""
    columns = [
        pa.array([plain_value(row[i]) for row in rows], field.type)
        if pa.types.is_timestamp(field.type)
        else pa.array([row[i] for row in rows], field.type)
        for i, field in enumerate(schema)
    ]
    return pa.table(columns, schema=schema)


def plain_value(value: Any) -> Any:
    """A driver's value in Python's own types; nodes and relationships become dicts."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, DateTime):
        return value.to_native()
    if isinstance(value, Date):
        return value.to_native()
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, Node):
        label = "|".join(sorted(value.labels))
        return {"_LABEL": label, **_in_order(plain_value(dict(value)), label)}
    if isinstance(value, Relationship):
        return {"_LABEL": value.type, **_in_order(plain_value(dict(value)), value.type)}
    if isinstance(value, Path):
        return {"_NODES": plain_value(list(value.nodes)), "_RELS": plain_value(list(value.relationships))}
    if isinstance(value, Mapping):
        return {name: plain_value(inner) for name, inner in value.items()}
    return str(value)


def _in_order(properties: dict[str, Any], label: str) -> dict[str, Any]:
    """As graph/schema.yaml lists them, which is the embedded store's order; the server's is any."""
    order = _order_of(label)
    return dict(sorted(properties.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))


@cache
def _order_of(label: str) -> dict[str, int]:
    schema = load_schema()
    found = [schema.nodes[label]] if label in schema.nodes else schema.relationship_types().get(label, [])
    return {prop.name: place for table in found[:1] for place, prop in enumerate(table.properties)}


def _type_of(values: Sequence[Any], hint: pa.DataType | None) -> pa.DataType | None:
    if (kind := common_type(values)) is not None:
        return kind
    # Values without a type of their own (dicts, mixtures) become text; nothing at all follows the hint.
    tells = any(value is not None and value != [] for value in values)
    return None if tells else hint or (pa.list_(pa.string()) if [] in values else pa.string())
