"""Look at the first rows of a query on Neo4j, with a limit on time that holds whatever the server does.

The server's own time limit came 1 s late, and not at all inside one long expression. So the query
runs on a connection of its own in a thread, and the connection is cut when the time is over.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import islice
from typing import Any

import neo4j

from graph.stores.bolt import connect, read_only_session, translated
from sellergraph.case import Settings
from sellergraph.errors import QueryTimeout

GRACE_SECONDS = 2.0
Rows = tuple[list[str], list[list[Any]]]


def peek(settings: Settings, query: str, params: Mapping[str, Any], *, limit: int, seconds: float) -> Rows:
    """Column names and at most `limit` + 1 rows.

    Raises:
        QueryTimeout: the server gave up, or did not give up in time. QueryError: the query failed.
    """
    driver = connect(settings)
    outcome: list[Rows | BaseException] = []

    def work() -> None:
        try:
            outcome.append(_first_rows(driver, settings, query, params, limit, seconds))
        except BaseException as error:  # handed to the waiting thread, which raises it
            outcome.append(error)

    worker = threading.Thread(target=work, name="sellergraph-peek", daemon=True)
    worker.start()
    try:
        worker.join(seconds + GRACE_SECONDS)
    finally:
        if worker.is_alive():
            # Also on Ctrl-C: the server ends a query whose connection is gone.
            threading.Thread(target=driver.close, daemon=True).start()
        else:
            driver.close()
    if not outcome:
        raise QueryTimeout(f"the query took longer than {seconds:g} s and was stopped")
    found = outcome[0]
    if isinstance(found, BaseException):
        raise found
    return found


def _first_rows(
    driver: neo4j.Driver, settings: Settings, query: Any, params: Mapping[str, Any], limit: int, seconds: float
) -> Rows:
    with (
        translated(settings),
        read_only_session(driver, settings, fetch_size=limit + 1) as session,
        session.begin_transaction(timeout=seconds) as transaction,
    ):
        result = transaction.run(query, dict(params))
        return list(result.keys()), [list(record.values()) for record in islice(result, limit + 1)]
