"""Graph stores: an embedded file in the case folder, or a Neo4j server."""

from __future__ import annotations

from graph.stores.base import GraphStore, Tables
from sellergraph.case import Settings

__all__ = ["GraphStore", "Tables", "open_store"]


def open_store(settings: Settings, *, read_only: bool = False) -> GraphStore:
    """Open the case's store; a store opened for writing has the tables of graph/schema.yaml.

    Close it (it is a context manager): the embedded store holds a lock, one writer or several readers.

    Raises:
        StoreUnavailable: the server cannot be reached, or read_only and nothing was ingested yet.
        StoreAuthError: the server refused the credentials. StoreLocked: another process holds the graph.
    """
    store = _open(settings, read_only)
    if not read_only:
        try:
            store.migrate()
        except BaseException:
            store.close()
            raise
    return store


def _open(settings: Settings, read_only: bool) -> GraphStore:
    if settings.embedded:
        from graph.stores.embedded import EmbeddedStore

        return EmbeddedStore(settings.graph_file, read_only=read_only)
    from graph.stores.neo4j import Neo4jStore

    return Neo4jStore(settings, read_only=read_only)
