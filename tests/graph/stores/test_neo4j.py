"""What only the Neo4j store has: a server that may be down, a password, another writer, py2neo."""

from __future__ import annotations

import inspect
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest
from neo4j import exceptions as bolt_errors

from graph.schema import load_schema
from graph.stores import open_store
from graph.stores.bolt import translate, translated
from graph.stores.neo4j import Neo4jStore, py2neo_graph
from sellergraph.case import Settings
from sellergraph.errors import (
    QueryError,
    QueryTimeout,
    SellergraphError,
    StoreAuthError,
    StoreError,
    StoreUnavailable,
    UsageError,
    WriteError,
)

DOWN = "cannot reach Neo4j at {}: is it running? Start it with 'docker compose up -d' or choose another with --store"


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{probe.getsockname()[1]}"


def driver_errors() -> list[type[Exception]]:
    kinds = [kind for _, kind in inspect.getmembers(bolt_errors, inspect.isclass)]
    return [kind for kind in kinds if issubclass(kind, bolt_errors.Neo4jError | bolt_errors.DriverError)]


def test_there_are_driver_errors_to_translate() -> None:
    assert len(driver_errors()) > 25


@pytest.mark.parametrize("kind", driver_errors(), ids=lambda kind: kind.__name__)
def test_every_driver_error_is_translated(settings: Settings, kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "one\ntwo")
    found = translate(error, settings)
    assert isinstance(found, SellergraphError)
    assert "\n" not in str(found)
    with pytest.raises(type(found)) as caught, translated(settings):
        raise error
    assert caught.value.__cause__ is error


CODES = [
    ("Neo.ClientError.Security.Unauthorized", StoreAuthError),
    ("Neo.ClientError.Security.AuthenticationRateLimit", StoreAuthError),
    ("Neo.ClientError.Security.CredentialsExpired", StoreAuthError),
    ("Neo.ClientError.Security.Forbidden", QueryError),
    ("Neo.ClientError.Database.DatabaseNotFound", StoreUnavailable),
    ("Neo.TransientError.General.DatabaseUnavailable", StoreUnavailable),
    ("Neo.ClientError.Transaction.TransactionTimedOut", QueryTimeout),
    ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", QueryTimeout),
    ("Neo.ClientError.Statement.SyntaxError", QueryError),
    ("Neo.ClientError.Schema.ConstraintValidationFailed", QueryError),
    ("Neo.TransientError.Transaction.DeadlockDetected", QueryError),
    ("Neo.DatabaseError.General.UnknownError", QueryError),
]


@pytest.mark.parametrize(("code", "expected"), CODES)
def test_server_codes(settings: Settings, code: str, expected: type[SellergraphError]) -> None:
    error = bolt_errors.Neo4jError._hydrate_neo4j(code=code, message="a message")
    assert type(translate(error, settings)) is expected


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_is_down(settings: Settings, nobody: str, scheme: str) -> None:
    address = f"{scheme}://{nobody}"
    with pytest.raises(StoreUnavailable) as caught:
        open_store(replace(settings, store=address))
    assert str(caught.value) == DOWN.format(address)


def test_a_server_that_is_down_prints_nothing(settings: Settings, nobody: str) -> None:
    program = (
        "import sys, pathlib\nfrom sellergraph.case import load_case\nfrom sellergraph.errors import StoreUnavailable\n"
        "from graph.stores import open_store\ntry:\n    open_store(load_case(pathlib.Path(sys.argv[1]), sys.argv[2]))\n"
        "except StoreUnavailable: print('told')\n"
    )
    command = [sys.executable, "-c", program, str(settings.folder), f"neo4j://{nobody}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("told\n", "")


@pytest.mark.parametrize("address", ["bolt://no-such-host.invalid:7687", "bolt://localhost:port", "bolt://"])
def test_addresses_that_lead_nowhere(settings: Settings, address: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store(replace(settings, store=address))
    assert address in str(caught.value)
    assert "\n" not in str(caught.value)


def test_something_else_that_listens(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(StoreError) as caught:
            open_store(replace(settings, store=f"bolt://127.0.0.1:{server.getsockname()[1]}"))
    assert "\n" not in str(caught.value)


@pytest.mark.neo4j
def test_a_wrong_password(neo4j_settings: Settings) -> None:
    with pytest.raises(StoreAuthError) as caught:
        open_store(replace(neo4j_settings, neo4j_password="wrong"))
    for word in (neo4j_settings.store, "SELLERGRAPH_NEO4J_USER", "SELLERGRAPH_NEO4J_PASSWORD"):
        assert word in str(caught.value)


@pytest.mark.neo4j
def test_an_unknown_database(neo4j_settings: Settings) -> None:
    with pytest.raises(StoreUnavailable, match="'nowhere'.*SELLERGRAPH_NEO4J_DATABASE"):
        open_store(replace(neo4j_settings, neo4j_database="nowhere"))


@pytest.mark.neo4j
def test_constraints_and_indexes_are_those_of_the_schema(neo4j_settings: Settings) -> None:
    from neo4j import GraphDatabase

    open_store(neo4j_settings).close()
    login = (neo4j_settings.neo4j_user, neo4j_settings.neo4j_password)
    with GraphDatabase.driver(neo4j_settings.store, auth=login) as driver, driver.session() as session:
        unique = session.run("SHOW CONSTRAINTS YIELD labelsOrTypes AS l RETURN l[0]").value()
        indexed = session.run(
            "SHOW INDEXES YIELD labelsOrTypes AS l, properties AS p, owningConstraint AS c, type AS t "
            "WHERE c IS NULL AND t = 'RANGE' RETURN l[0], p[0]"
        ).values()
    nodes = load_schema().nodes
    assert set(unique) >= set(nodes)
    assert {tuple(pair) for pair in indexed} >= {
        (n.label, p.name) for n in nodes.values() for p in n.properties if p.index
    }


@pytest.mark.neo4j
def test_two_writers_take_turns(neo4j_settings: Settings) -> None:
    """Both upsert the same hub and relationships: no deadlock, nothing twice."""
    ids = [f"x|{i}" for i in range(300)]
    batch = {
        "Account": pa.table({"id": ["x|u"]}),
        "Ad": pa.table({"id": ids}),
        "Account.POSTED.Ad": pa.table({"src": ["x|u"] * 300, "dst": ids}),
    }
    open_store(neo4j_settings).close()
    new: list[int] = []

    def write() -> None:
        with Neo4jStore(neo4j_settings) as store:
            for _ in range(3):
                new.append(sum(store.write(batch).values()))

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [0] * 8 + [601]
    with Neo4jStore(neo4j_settings, read_only=True) as store:
        assert sum(store.counts().values()) == 601


@pytest.mark.neo4j
def test_a_statement_that_fails_in_the_middle_leaves_nothing(
    neo4j_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(neo4j_settings) as store:
        monkeypatch.setattr("graph.stores.bolt_statements.quote", lambda name: "`" if name == "POSTED" else f"`{name}`")
        posted = pa.table({"src": ["x|u"], "dst": ["x|1"]})
        batch = {"Account": pa.table({"id": ["x|u"]}), "Ad": pa.table({"id": ["x|1"]}), "Account.POSTED.Ad": posted}
        with pytest.raises(WriteError):
            store.write(batch)
        monkeypatch.undo()
        assert not any(store.counts().values())


@pytest.mark.neo4j
def test_py2neo_reads_the_case(neo4j_settings: Settings) -> None:
    with open_store(neo4j_settings) as store:
        store.write({"Ad": pa.table({"id": ["x|1"], "title": ["象牙 🐘"]})})
    graph = py2neo_graph(neo4j_settings)
    assert graph.run("MATCH (a:Ad) RETURN a.title AS title").data() == [{"title": "象牙 🐘"}]
    assert graph.nodes.match("Ad", id="x|1").first()["title"] == "象牙 🐘"
    graph.service.connector.close()


@pytest.mark.neo4j
def test_py2neo_with_a_wrong_password(neo4j_settings: Settings) -> None:
    with pytest.raises(StoreAuthError):
        py2neo_graph(replace(neo4j_settings, neo4j_password="wrong"))


def test_py2neo_needs_a_server_and_the_extra(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--store bolt"):
        py2neo_graph(settings)
    monkeypatch.setitem(sys.modules, "py2neo", None)
    with pytest.raises(UsageError, match=r"sellergraph\[py2neo\]"):
        py2neo_graph(replace(settings, store="bolt://127.0.0.1:1"))
