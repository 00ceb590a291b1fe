"""What a pair would score that the graph keeps no evidence of, by the profiles of the last resolution."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from graph.stores import GraphStore, open_store
from ingest.pipeline import ingest
from ingest.sources.simulated import market
from resolvers.resolve import resolve
from resolvers.state import STATE_FILE
from resolvers.why import explain
from resolvers.why_scored import scored
from sellergraph.case import Settings, create_case

KEPT = "MATCH (a:Account)-[m:MATCHES]->(b:Account) RETURN a.id AS src, b.id AS dst, m.probability AS probability"
ACCOUNTS = "MATCH (a:Account) RETURN a.id AS id ORDER BY id"
OPERATORS = 20


class Resolved:
    """A small simulated market after a resolution."""

    def __init__(self, settings: Settings, store: GraphStore) -> None:
        self.folder, self.store = settings.resolution, store
        self.ids = store.read(ACCOUNTS)["id"].to_pylist()
        self.kept: dict[tuple[str, str], float] = {
            (row["src"], row["dst"]): row["probability"] for row in store.read(KEPT).to_pylist()
        }

    def scored(self, left: str, right: str, folder: Path | None = None) -> Any:
        return scored(self.store, folder or self.folder, left, right)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolved]:
    settings = create_case(tmp_path_factory.mktemp("scored") / "case")
    path = settings.folder / "market.jsonl"
    path.write_text("\n".join(json.dumps(dict(row), ensure_ascii=False) for row in market(2002, OPERATORS)), "utf-8")
    with open_store(settings) as store:
        ingest(settings, store, [path], workers=1)
        resolve(store, folder=settings.resolution)
        yield Resolved(settings, store)


def test_a_kept_pair_scores_as_it_did(case: Resolved) -> None:
    for (left, right), probability in list(case.kept.items())[:5]:
        found = case.scored(right, left)
        assert found.compared
        assert (found.row["src"], found.row["dst"]) == (left, right)
        assert found.row["probability"] == pytest.approx(probability, rel=1e-9)


def test_other_pairs_are_unlikely_and_have_their_pieces(case: Resolved) -> None:
    others = [pair for pair in combinations(case.ids, 2) if pair not in case.kept][:40:4]
    for left, right in others:
        found = case.scored(left, right)
        if found.compared:
            assert found.row["probability"] < 0.05
        assert len(found.row["comparisons"]) == len(found.row["weights"]) == len(found.row["evidence"])
    assert not all(case.scored(*pair).compared for pair in others)


def test_why_tells_it_and_says_that_it_was_worked_out_now(case: Resolved) -> None:
    left, right = next(p for p in combinations(case.ids, 2) if p not in case.kept and not case.scored(*p).compared)
    found = explain(case.store, left, right, case.folder)
    assert found.probability == pytest.approx(case.scored(left, right).row["probability"])
    assert found.pieces
    assert any("worked out now" in note and "did not compare the two" in note for note in found.notes)


def test_without_what_the_last_resolution_left_nothing_is_scored(case: Resolved, tmp_path: Path) -> None:
    left, right = case.ids[:2]
    assert scored(case.store, None, left, right) is None
    assert case.scored(left, right, tmp_path) is None
    (tmp_path / "model.json").write_bytes((case.folder / "model.json").read_bytes())
    assert case.scored(left, right, tmp_path) is None
    (tmp_path / STATE_FILE).write_bytes(b"not a database")
    assert case.scored(left, right, tmp_path) is None
    assert case.scored(left, "weibo|nobody") is None
