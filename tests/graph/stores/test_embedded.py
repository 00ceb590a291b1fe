"""What only the embedded store has: a file, a lock on it, crashes, threads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from graph.stores import embedded, handles, open_store
from graph.stores.embedded import EmbeddedStore
from graph.stores.link import Link
from sellergraph.case import Settings, create_case
from sellergraph.errors import QueryError, StoreLocked, StoreUnavailable, WriteError

HOLD = """
import sys
from pathlib import Path
from graph.stores.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]), read_only=sys.argv[2] == "read")
print("held", flush=True)
sys.stdin.read()
store.close()
"""
WRITE_ON = """
import sys
from pathlib import Path
import pyarrow as pa
from graph.stores.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
store.migrate()
for batch in range(10_000):
    ids = [f"x|{batch}|{i}" for i in range(200)]
    ads = pa.table({"id": ids, "views": [batch] * 200})
    posted = pa.table({"src": ["x|u"] * 200, "dst": ids})
    store.write({"Ad": ads, "Account": pa.table({"id": ["x|u"]}), "Account.POSTED.Ad": posted})
    store.write({"Account": pa.table({"id": ["x|u"], "name": [str(batch)]})})
    print(batch, flush=True)
"""


def ads(*ids: str) -> dict[str, pa.Table]:
    return {"Ad": pa.table({"id": list(ids)})}


@pytest.fixture
def graph(settings: Settings) -> Path:
    """The file of a graph with one advertisement, closed."""
    with open_store(settings) as store:
        store.write(ads("x|1"))
    return settings.graph_file


@contextmanager
def held(graph: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the graph open."""
    command = [sys.executable, "-c", HOLD, str(graph), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout
            assert other.stdout.readline() == "held\n"
            yield other
        finally:
            other.kill()


@pytest.mark.parametrize(("theirs", "ours"), [("write", "write"), ("write", "read"), ("read", "write")])
def test_the_holder_is_named(graph: Path, theirs: str, ours: str) -> None:
    with held(graph, theirs) as other, pytest.raises(StoreLocked) as caught:
        EmbeddedStore(graph, read_only=ours == "read", wait=0.5)
    message = str(caught.value)
    assert f"process {other.pid}" in message
    assert f"{theirs}s it since 20" in message
    assert "-c" in message
    assert "waited 0.5 s" in message


def test_readers_share(graph: Path) -> None:
    with held(graph, "read"), EmbeddedStore(graph, read_only=True, wait=0.5) as store:
        assert store.counts()["Ad"] == 1


def test_a_killed_holder_is_no_holder(graph: Path) -> None:
    with held(graph, "write") as other:
        other.kill()
        other.wait()
        with EmbeddedStore(graph, wait=5) as store:
            assert store.counts()["Ad"] == 1
    assert not list(graph.parent.glob("graph.lbug.holder.*"))


def test_who_waits_gets_in(graph: Path) -> None:
    with held(graph, "write") as other:
        assert other.stdin
        threading.Timer(0.5, other.stdin.close).start()
        with EmbeddedStore(graph, wait=30) as store:
            store.write(ads("x|2"))


def test_no_note_is_left_behind(graph: Path) -> None:
    with EmbeddedStore(graph) as store:
        [note] = graph.parent.glob("graph.lbug.holder.*.json")
        assert json.loads(note.read_text(encoding="utf-8"))["pid"] == os.getpid()
        assert store.counts()["Ad"] == 1
    assert not list(graph.parent.glob("graph.lbug.holder.*"))
    assert not graph.with_name("graph.lbug.wal").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot lock .*nowhere"):
        EmbeddedStore(tmp_path / "nowhere" / "graph.lbug")


def test_a_lock_file_of_something_else_is_named(settings: Settings) -> None:
    settings.graph_file.with_name("graph.lbug.lock").write_bytes(b"something else" * 100)
    with pytest.raises(StoreUnavailable, match="cannot lock"):
        open_store(settings)


def test_a_reader_of_nothing_is_told(settings: Settings) -> None:
    with pytest.raises(StoreUnavailable, match="nothing ingested yet"):
        open_store(settings, read_only=True)
    assert not settings.graph_file.exists()


def test_a_file_that_is_no_graph_is_named(settings: Settings) -> None:
    settings.graph_file.write_bytes(b"not a graph" * 1000)
    with pytest.raises(StoreUnavailable, match=r"graph\.lbug"):
        open_store(settings)
    with pytest.raises(StoreUnavailable):
        open_store(settings)


@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, seconds: float) -> None:
    graph = create_case(tmp_path / "case").graph_file
    with subprocess.Popen([sys.executable, "-c", WRITE_ON, str(graph)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        first = writer.stdout.readline()
        threading.Timer(seconds, writer.send_signal, [signal.SIGKILL]).start()
        acknowledged = [int(line) for line in (first, *writer.stdout) if line.endswith("\n")]
    with EmbeddedStore(graph, read_only=True) as store:
        counts = store.counts()
        assert counts["Ad"] >= 200 * len(acknowledged)
        assert counts["Ad"] % 200 == 0
        assert counts["Account.POSTED.Ad"] == counts["Ad"]
    with EmbeddedStore(graph) as store:
        store.migrate()
        store.write(ads("x|0|0", "y|1"))
        assert store.counts()["Ad"] == counts["Ad"] + 1


def test_one_database_for_all_threads(graph: Path) -> None:
    found: list[int] = []

    def read() -> None:
        with EmbeddedStore(graph, read_only=True) as store:
            time.sleep(0.05)
            found.append(store.read("MATCH (a:Ad) RETURN count(*) AS n")["n"][0].as_py())

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8
    assert graph.resolve() not in handles._HANDLES


def test_one_store_may_be_used_by_threads(graph: Path) -> None:
    with EmbeddedStore(graph) as store:
        threads = [threading.Thread(target=store.write, args=(ads(f"t|{i}"),)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.counts()["Ad"] == 7


def test_a_writer_waits_for_readers_of_its_own_process(graph: Path) -> None:
    reader = EmbeddedStore(graph, read_only=True)
    with pytest.raises(StoreLocked, match="this same process"):
        EmbeddedStore(graph, wait=0.3)
    threading.Timer(0.3, reader.close).start()
    with EmbeddedStore(graph, wait=10) as store:
        store.write(ads("x|2"))


def test_a_reader_beside_a_writer_of_its_own_process_sees_what_was_written(graph: Path) -> None:
    with EmbeddedStore(graph) as writer, EmbeddedStore(graph, read_only=True) as reader:
        writer.write(ads("x|2"))
        assert reader.counts()["Ad"] == 2
        with pytest.raises(WriteError):
            reader.write(ads("x|3"))


def test_an_error_in_the_middle_leaves_nothing(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ladybug's own rollback of a COPY leaves keys in the index; this is what handles.discard is for."""
    real = Link.run

    def failing(self: Link, statement: str, *args: object, **kwargs: object) -> object:
        if statement.startswith("COPY `POSTED`"):
            statement = "COPY Nothing FROM $rows"
        return real(self, statement, *args, **kwargs)  # type: ignore[arg-type]  # passed through as given

    ids = [f"y|{i}" for i in range(30_000)]
    batch = {
        **ads(*ids),
        "Account": pa.table({"id": ["x|u"]}),
        "Account.POSTED.Ad": pa.table({"src": ["x|u"] * len(ids), "dst": ids}),
    }
    with EmbeddedStore(graph) as store, EmbeddedStore(graph, read_only=True) as reader:
        for _ in range(3):
            monkeypatch.setattr(Link, "run", failing)
            with pytest.raises(WriteError, match="nothing of it was kept"):
                store.write(batch)
            monkeypatch.undo()
            assert {name: n for name, n in reader.counts().items() if n} == {"Ad": 1}
        assert sum(store.write(batch).values()) == 60_001
    with EmbeddedStore(graph) as store:
        assert store.counts()["Ad"] == 30_001
        assert not any(store.write(batch).values())


def test_ctrl_c_in_the_middle_leaves_nothing(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Link.run

    def interrupted(self: Link, statement: str, *args: object, **kwargs: object) -> object:
        if statement == "COMMIT":
            raise KeyboardInterrupt
        return real(self, statement, *args, **kwargs)  # type: ignore[arg-type]  # passed through as given

    with EmbeddedStore(graph) as store:
        monkeypatch.setattr(Link, "run", interrupted)
        batch = ads(*(f"y|{i}" for i in range(5000)))
        with pytest.raises(KeyboardInterrupt):
            store.write(batch)
        monkeypatch.undo()
        assert store.write(ads("y|1", "y|2")) == {"Ad": 2}
    with EmbeddedStore(graph, read_only=True) as store:
        assert store.counts()["Ad"] == 3


def test_an_older_file_gets_what_the_schema_has_now(settings: Settings) -> None:
    import ladybug

    with ladybug.Database(settings.graph_file) as database, ladybug.Connection(database) as link:
        link.execute("CREATE NODE TABLE Ad (id STRING, title STRING, PRIMARY KEY (id))")
        link.execute("CREATE NODE TABLE Phone (id STRING, PRIMARY KEY (id))")
        link.execute("CREATE REL TABLE MENTIONS (FROM Ad TO Phone, raw STRING)")
        link.execute("CREATE (a:Ad {id: 'x|1', title: '象'})-[:MENTIONS {raw: 'r'}]->(:Phone {id: 'tel:1'})")
    for _ in range(2):
        with open_store(settings) as store:
            store.write({"Ad": pa.table({"id": ["x|1"], "views": [3]}), "Email": pa.table({"id": ["mailto:a"]})})
            edge = {"src": ["x|1"], "dst": ["mailto:a"], "place": ["text"], "span_start": [0]}
            store.write({"Ad.MENTIONS.Email": pa.table(edge)})
            assert {name: n for name, n in store.counts().items() if n} == {
                "Ad": 1,
                "Phone": 1,
                "Email": 1,
                "Ad.MENTIONS.Phone": 1,
                "Ad.MENTIONS.Email": 1,
            }
            found = store.read("MATCH (a:Ad) RETURN a.title AS title, a.views AS views").to_pylist()
            assert found == [{"title": "象", "views": 3}]


ALL_KINDS = {
    "Ad": pa.table(
        {
            "id": ["x|1", "x|2"],
            "title": ["象牙 'quoted' \\", None],
            "views": pa.array([3, None], pa.int64()),
            "price_cents": pa.array([None, 150], pa.int64()),
            "seen_at": pa.array([None, datetime(2018, 4, 3, 13, 0, 0, 7)], pa.timestamp("us")),
            "templates": pa.array([["a", "b"], []], pa.list_(pa.string())),
        }
    ),
    "Account": pa.table({"id": ["x|u"]}),
    "Account.POSTED.Ad": pa.table({"src": ["x|u"] * 2, "dst": ["x|1", "x|2"]}),
}


def test_few_rows_are_written_as_many_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New rows go in by CREATE or, from CREATE_MOST on, by COPY."""
    found = []
    for most in (0, 100):
        monkeypatch.setattr(embedded, "CREATE_MOST", most)
        with EmbeddedStore(tmp_path / f"{most}.lbug") as store:
            store.migrate()
            store.write(ALL_KINDS)
            found.append([store.read_all(name).to_pylist() for name in ALL_KINDS])
    assert found[0] == found[1]
    assert [len(rows) for rows in found[0]] == [2, 1, 2]


def test_a_small_log_of_a_large_graph_is_left_and_read_at_the_next_start(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = graph.with_name(f"{graph.name}.wal")
    monkeypatch.setattr(handles, "LARGE_BYTES", 0)
    monkeypatch.setattr(handles, "LOG_OF_FILE", 0)
    with EmbeddedStore(graph) as store:
        store.write(ads("x|2"))
    assert log.stat().st_size
    for read_only in (True, False):
        with EmbeddedStore(graph, read_only=read_only) as store:
            assert store.counts()["Ad"] == 2
    monkeypatch.undo()
    with EmbeddedStore(graph) as store:
        store.write(ads("x|3"))
    assert not log.exists()
    with EmbeddedStore(graph) as store:
        assert store.counts()["Ad"] == 3


def test_rows_are_let_go_of_when_they_are_written(graph: Path) -> None:
    with EmbeddedStore(graph) as store:
        link = Link(handles.acquire(graph, read_only=False))
        rows = pa.table({"c0": ["x|1"]})
        alive = weakref.ref(rows)
        assert link.rows("LOAD FROM $rows MATCH (a:Ad {id: c0}) RETURN a.id", {"rows": rows}) == [["x|1"]]
        del rows
        assert alive() is None
        link.close()
        store.close()
        handles.release(link._handle)


def test_queries_leave_no_memory_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With parameters each used to keep what it ran in: the fourth failed, and later ones could find nothing at all."""
    monkeypatch.setattr(handles, "pool_bytes", lambda path: 128 << 20)
    query = "UNWIND range(1, 300000) AS number WITH number + $more AS bucket, count(*) AS n RETURN count(*) AS numbers"
    with open_store(settings) as store:
        for more in range(12):
            assert store.read(f"{query} // {more}", more=more)["numbers"].to_pylist() == [300_000]


def test_a_graph_of_an_earlier_version_says_so_until_it_is_opened_for_writing(graph: Path) -> None:
    with EmbeddedStore(graph) as store:
        store._link.run("ALTER TABLE Ad DROP claims")
    with (
        EmbeddedStore(graph, read_only=True) as store,
        pytest.raises(
            QueryError, match=r"made by an earlier version, which knew no Ad\.claims; run sellergraph ingest"
        ),
    ):
        store.read("MATCH (a:Ad) RETURN a.claims AS claims")
    with EmbeddedStore(graph) as store:
        store.migrate()
        assert store.read("MATCH (a:Ad) RETURN a.claims AS claims").num_rows == 1
        with pytest.raises(QueryError, match="Cannot find property nonsense"):
            store.read("MATCH (a:Ad) RETURN a.nonsense AS x")
