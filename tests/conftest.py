"""Fixtures that several parts need: an empty case, an empty store of each kind, a real Neo4j server.

Neo4j is started only when a test asks for it, once a session, on a free loopback port (see NEO4J in
tests/neo4j/); NEO4J_URI with SELLERGRAPH_NEO4J_USER and _PASSWORD names a server to use instead,
whose database must be empty, since the tests empty it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pytest

from graph.stores import GraphStore, open_store
from sellergraph.case import Settings, create_case

# Half a second a picture; the tests of reading text in pictures ask for it.
os.environ.setdefault("SELLERGRAPH_OCR", "off")

NEO4J = Path(__file__).parent / "neo4j"
COPY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
START_SECONDS = 240.0
JAVA_OPENS = ("--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED")
EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
WRITING = [pytest.param("embedded"), pytest.param("neo4j", marks=pytest.mark.neo4j)]


@dataclass(frozen=True)
class Server:
    """A running Neo4j."""

    uri: str
    user: str
    password: str

    def settings(self, case: Settings) -> Settings:
        """The case, on this server."""
        return replace(case, store=self.uri, neo4j_user=self.user, neo4j_password=self.password)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A new, empty case on the embedded store."""
    return create_case(tmp_path / "case")


@pytest.fixture(scope="session")
def cjk_font() -> Path:
    """A font with Chinese characters."""
    folders = ("opentype/noto", "truetype/noto", "google-noto-sans-cjk-fonts", "noto-cjk")
    files = [Path("/usr/share/fonts", folder, "NotoSansCJK-Regular.ttc") for folder in folders]
    found = next((file for file in files if file.exists()), None)
    if found is None:
        _missing("no font with Chinese characters: install fonts-noto-cjk")
    return found


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the whole session."""
    given = os.environ.get("NEO4J_URI")
    if given:
        user = os.environ.get("SELLERGRAPH_NEO4J_USER", "neo4j")
        server = Server(given, user, os.environ.get("SELLERGRAPH_NEO4J_PASSWORD", ""))
        _refuse_data(server)
        yield server
        _run(server, EMPTY)
        return
    _need("java", "mvn")
    yield from _started(_jars(), tmp_path_factory.mktemp("neo4j"))


@pytest.fixture
def neo4j_settings(neo4j_server: Server, settings: Settings) -> Settings:
    """A new case on the server, whose database is empty."""
    _run(neo4j_server, EMPTY)
    return neo4j_server.settings(settings)


@pytest.fixture(params=WRITING)
def store_settings(request: pytest.FixtureRequest) -> Settings:
    """A new case, once on each store."""
    found: Settings = request.getfixturevalue("neo4j_settings" if request.param == "neo4j" else "settings")
    return found


@pytest.fixture
def store(store_settings: Settings) -> Iterator[GraphStore]:
    """An empty, migrated store of each kind, open for writing."""
    with open_store(store_settings) as opened:
        yield opened


def _need(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        _missing(f"no Neo4j: {' and '.join(missing)} not found; install OpenJDK 17 and Maven, or set NEO4J_URI")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _jars() -> Path:
    jars = NEO4J / "target" / "lib"
    if not any(jars.glob("neo4j-kernel-*.jar")):
        command = ["mvn", "-q", "-B", COPY_PLUGIN, f"-DoutputDirectory={jars}", "-DincludeScope=runtime"]
        done = subprocess.run(command, cwd=NEO4J, capture_output=True, text=True, check=False)
        if done.returncode:
            _missing(f"no Neo4j: Maven could not get the jars: {(done.stdout + done.stderr)[-500:]}")
    return jars


def _started(jars: Path, home: Path) -> Iterator[Server]:
    port = _free_port()
    program = ["java", "-Xmx1g", *JAVA_OPENS, "-cp", f"{jars}/*", str(NEO4J / "Neo4jServer.java"), str(home), str(port)]
    with (home / "server.log").open("wb") as log:
        # The server ends when its stdin does: also when pytest is killed.
        process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=log, stderr=log)
        try:
            server = Server(f"bolt://127.0.0.1:{port}", "neo4j", secrets.token_hex(12))
            _first_sign_in(server, process, home / "server.log")
            yield server
        finally:
            process.terminate()
            if process.stdin:
                process.stdin.close()
            process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first_sign_in(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while "ready" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"Neo4j did not start: {log.read_text(errors='replace')[-800:]}")
        time.sleep(0.3)
    first = replace(server, password="neo4j")
    _run(first, f"ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO '{server.password}'", database="system")


def _run(server: Server, statement: str, database: str = "neo4j") -> list[list[object]]:
    import neo4j

    with (
        neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session(database=database) as session,
    ):
        return session.run(statement).values()  # type: ignore[arg-type]  # a constant of this file


def _refuse_data(server: Server) -> None:
    if _run(server, "MATCH (n) WHERE NOT n:SellergraphLock RETURN n LIMIT 1"):
        pytest.fail(f"the database at NEO4J_URI={server.uri} holds data that the tests would delete: use an empty one")
