"""A run that goes on from the last one gives what a full run gives, whatever came, changed or went in between."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from graph.stores import GraphStore, open_store
from ingest.pipeline import ingest
from ingest.sources.simulated import market
from resolvers.judgements import judge
from resolvers.resolve import ResolveReport, resolve
from resolvers.state import STATE_FILE
from sellergraph.case import Settings
from sellergraph.errors import WriteError

OPERATORS = 30
SELLERS = """
MATCH (a:Account)-[r:RUN_BY]->(s:Seller)
RETURN a.id AS account, s.id AS seller, r.probability AS probability ORDER BY account
"""
FIGURES = """
MATCH (s:Seller)
RETURN s.id AS id, s.name AS name, s.accounts AS accounts, s.ads AS ads, s.first_seen AS first_seen,
       s.last_seen AS last_seen, s.alarm AS alarm, s.account_ids AS account_ids ORDER BY id
"""
MATCHES = """
MATCH (a:Account)-[m:MATCHES]->(b:Account)
RETURN a.id AS src, b.id AS dst, m.probability AS probability, m.joined AS joined, m.evidence_text AS evidence,
       m.contact_ids AS contacts, m.cut AS cut ORDER BY src, dst
"""
# A courier's number of hundreds of accounts keeps the count of the last full run in the words of its reason.
USES = """
MATCH (a:Account)-[u:USES]->(c:Phone)
RETURN a.id AS account, c.id AS contact, u.tenure AS tenure, u.role AS role, u.ads AS ads, u.first_seen AS first_seen
ORDER BY account, contact, tenure
"""
IDENTIFIES = (
    "MATCH (h:Handle)-[:IDENTIFIES]->(a:Account) RETURN h.id AS handle, a.id AS account ORDER BY handle, account"
)


@dataclass
class Case:
    """A case that is filled in parts."""

    settings: Settings
    store: GraphStore
    rows: list[dict[str, Any]]

    def add(self, low: int, high: int, name: str) -> None:
        """Ingest rows low to high as a file of their own."""
        path = self.settings.folder / "sources" / f"{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        lines = [json.dumps(row, ensure_ascii=False) for row in self.rows[low:high]]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        ingest(self.settings, self.store, [path], workers=1)

    def resolve(self, **options: Any) -> ResolveReport:
        return resolve(self.store, folder=self.settings.resolution, **options)

    def found(self) -> list[list[dict[str, Any]]]:
        """All that a run writes, without its stamps."""
        return [self.store.read(query).to_pylist() for query in (SELLERS, FIGURES, MATCHES, USES, IDENTIFIES)]

    def same_as_full(self) -> None:
        """What stands is what a full run finds."""
        before = self.found()
        self.resolve(full=True)
        for one, other in zip(before, self.found(), strict=True):
            assert one == other


@pytest.fixture
def case(settings: Settings) -> Any:
    rows = [dict(row) for row in market(2001, OPERATORS)]
    random.Random(5).shuffle(rows)
    with open_store(settings) as store:
        made = Case(settings, store, rows)
        made.add(0, len(rows) - 60, "first")
        made.resolve()
        yield made


def test_new_advertisements(case: Case) -> None:
    total = len(case.rows)
    for part in range(3):
        case.add(total - 60 + 20 * part, total - 40 + 20 * part, f"part-{part}")
        report = case.resolve()
        assert 0 < report.compared < report.accounts
        assert not report.trained
    case.same_as_full()


def test_nothing_new_compares_nothing(case: Case) -> None:
    before = case.found()
    assert case.resolve().compared == 0
    assert case.found() == before


def test_advertisements_and_accounts_that_go(case: Case) -> None:
    accounts = sorted({row["account"] for row in case.store.read(SELLERS).to_pylist()})[:3]
    ads = case.store.read("MATCH (ad:Ad) WHERE ad.account_id IN $ids RETURN ad.id AS id", ids=accounts)
    case.store.delete("Ad", ads)
    case.store.delete("Account", pa.table({"id": accounts[:2]}))
    report = case.resolve()
    assert 0 < report.compared < report.accounts
    case.same_as_full()


def test_a_source_that_is_removed_and_added_again_gives_back_its_sellers(case: Case) -> None:
    total = len(case.rows)
    case.add(total - 60, total, "second")
    case.resolve()
    before = case.store.read(SELLERS).to_pylist()
    path = case.settings.folder / "sources" / "second.jsonl"
    ads = case.store.read(
        "MATCH (ad:Ad)-[:CAPTURED_IN]->(c:Capture) WHERE c.name = $name RETURN ad.id AS id", name=path.name
    )
    case.store.delete("Ad", ads)
    empty = "MATCH (a:Account) WHERE NOT EXISTS { MATCH (a)-[:POSTED]->(:Ad) } RETURN a.id AS id"
    case.store.delete("Account", case.store.read(empty))
    case.resolve()
    assert len(case.store.read(SELLERS)) < len(before) or ads.num_rows
    case.add(total - 60, total, "second")
    case.resolve()
    assert case.store.read(SELLERS).to_pylist() == before


def test_judgements_are_honoured_and_change_nobody_else(case: Case) -> None:
    before = {row["account"]: row["seller"] for row in case.store.read(SELLERS).to_pylist()}
    joined = [row for row in case.store.read(MATCHES).to_pylist() if row["joined"]]
    pair = joined[0]["src"], joined[0]["dst"]
    judge(case.store, *pair, "different", "Li", "two voices", datetime(2026, 1, 1))
    assert case.resolve().compared == 0
    after = {row["account"]: row["seller"] for row in case.store.read(SELLERS).to_pylist()}
    assert after[pair[0]] != after[pair[1]]
    assert {a for a in before if before[a] != after[a]} <= {a for a in before if before[a] == before[pair[0]]}
    case.same_as_full()


@pytest.mark.parametrize("harm", ["missing", "damaged", "cut short", "lacks a table", "of another run"])
def test_a_state_that_does_not_fit_is_not_used(case: Case, harm: str) -> None:
    path: Path = case.settings.resolution / STATE_FILE
    if harm == "missing":
        path.unlink()
    elif harm == "damaged":
        path.write_bytes(b"not a database")
    elif harm == "cut short":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif harm == "lacks a table":
        with duckdb.connect(str(path)) as db:
            db.execute("DROP TABLE owned")
    else:
        resolve(case.store, folder=None)
    report = case.resolve()
    assert report.compared == report.accounts
    assert case.resolve().compared == 0


def test_a_log_that_a_killed_run_left_beside_the_state_is_not_read(case: Case) -> None:
    path: Path = case.settings.resolution / STATE_FILE
    log = path.with_name(f"{path.name}.wal")
    log.write_bytes(b"of another file")
    assert case.resolve(full=True).compared > 0
    assert not log.exists()
    assert case.resolve().compared == 0


class Failing:
    """The store, until it shall write sellers."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def amend(self, *_: Any, **__: Any) -> None:
        raise WriteError("the disk is full")


def test_an_interrupted_run_leaves_graph_and_state_as_they_were(case: Case) -> None:
    total = len(case.rows)
    case.add(total - 60, total - 50, "second")
    before = case.found()[:3]
    with pytest.raises(WriteError, match="the disk is full"):
        resolve(Failing(case.store), folder=case.settings.resolution)  # type: ignore[arg-type]
    assert case.found()[:3] == before
    assert 0 < case.resolve().compared < case.store.counts()["Account"]
    case.same_as_full()
