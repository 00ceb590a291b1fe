"""One market resolved and measured: ours, the rivals, other thresholds, judgements."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.identity_sets.candidates import count_pairs
from benchmarks.identity_sets.judged import Judged, judge_near
from benchmarks.identity_sets.markets import Made, Plan, copied
from benchmarks.identity_sets.outcomes import Outcome, outcome
from benchmarks.identity_sets.rivals import naive_outcomes, read_graph, splink_outcomes
from graph.stores import GraphStore, open_store
from resolvers.clusters import cluster
from resolvers.derived import PROFILES
from resolvers.evaluate import Evaluation, evaluate
from resolvers.evaluation.reading import read_matches
from resolvers.evaluation.truth import Truth, read_truth_file
from resolvers.judgements import read_judgements
from resolvers.models import kept_model
from resolvers.observe import observe
from resolvers.resolve import resolve
from resolvers.work import decide, work_session
from sellergraph.case import Settings

# Thresholds at which soft evidence is tried; pairs below the first are not kept in the graph.
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Result:
    """All that was measured on one market.

    Attributes:
        ours: the program's resolution. naive: by name. splink: by what it was given and threshold.
        sweep: by threshold, with the model of `ours`.
        pairs: pairs of accounts that were compared at all.
    """

    plan: Plan
    accounts: int
    ours: Outcome
    evaluation: Evaluation
    naive: dict[str, Outcome]
    splink: dict[str, dict[float, Outcome]]
    sweep: dict[float, Outcome]
    pairs: int
    judged: Judged
    made_seconds: float


def measure(made: Made) -> Result:
    """Resolve a copy of the market's case and measure it."""
    truth = read_truth_file(made.truth_file)
    with tempfile.TemporaryDirectory(prefix="sellergraph-identity-") as scratch:
        settings = copied(made, Path(scratch) / "case")
        with open_store(settings) as store:
            return _measured(store, settings, truth, made)


def _measured(store: GraphStore, settings: Settings, truth: Truth, made: Made) -> Result:
    graph = read_graph(store)
    naive, splink = naive_outcomes(graph, truth), splink_outcomes(graph, truth)
    started = time.perf_counter()
    accounts = resolve(store, folder=settings.resolution).accounts
    seconds = time.perf_counter() - started
    evaluation = evaluate(store, made.truth_file)
    assert evaluation.causes is not None
    ours = Outcome(evaluation.scores, evaluation.causes.connected_pairs, evaluation.causes.connected_found, seconds)
    pairs, sweep = _thresholds(store, settings, truth)
    judged = judge_near(store, settings, truth, made.plan.seed)
    return Result(made.plan, accounts, ours, evaluation, naive, splink, sweep, pairs, judged, made.seconds)


def _thresholds(store: GraphStore, settings: Settings, truth: Truth) -> tuple[int, dict[float, Outcome]]:
    """Number of compared pairs, and what thresholds alone would give: bridges cut as ever, large groups not guarded."""
    seen = observe(store)
    with work_session(seen.tables()) as db:
        decide(db, kept_model(settings.resolution))
        pairs, profiles = count_pairs(db), db.sql(PROFILES).to_arrow_table()
    matches, judged = read_matches(store), read_judgements(store)
    accounts = seen.accounts["account"].combine_chunks()
    found = {}
    for threshold in THRESHOLDS:
        over = matches.filter(pc.greater_equal(matches["probability"], threshold))
        found[threshold] = outcome(truth, _assignment(cluster(accounts, over, profiles, judged).assigned))
    return pairs, found


def _assignment(assigned: pa.Table) -> dict[str, str]:
    names = (str(number) for number in assigned["cluster"].to_pylist())
    return dict(zip(assigned["account"].to_pylist(), names, strict=True))


def best(sweep: Sequence[tuple[float, Outcome]], precision: float) -> tuple[float, Outcome] | None:
    """The threshold of most true pairs at a pairwise precision, and what it gives."""
    right = [point for point in sweep if point[1].scores.pair_precision >= precision]
    return max(right, key=lambda point: point[1].scores.right_pairs, default=None)
