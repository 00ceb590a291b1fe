"""The tables of benchmarks/identity.py."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.identity_sets.markets import Plan, make
from benchmarks.identity_sets.outcomes import Outcome, pooled_outcomes
from benchmarks.identity_sets.quality import THRESHOLDS, Result, best, measure
from benchmarks.identity_sets.rivals import SPLINK_THRESHOLDS
from resolvers.evaluate import pool
from resolvers.evaluation.roles import own_precision, own_recall
from resolvers.evaluation.tables import cause_tables
from sellergraph.output import Form, emit, say

PRECISION, RECALL = 0.99, 0.95
OURS = "sellergraph"
# Drawing and reading pictures takes most of the time of such a market.
PICTURED = 3


def print_quality(folder: Path, seeds: Sequence[int], operators: Sequence[int], pictures: int) -> None:
    """Measure a market for each seed and size and PICTURED ones with pictures (none of 0 operators); print tables."""
    started = time.perf_counter()
    results = [_result(Plan(seed, size), folder) for size in operators for seed in seeds]
    pictured = [_result(Plan(seed, pictures, True), folder) for seed in seeds[:PICTURED]] if pictures else []
    _print(results, pictured)
    print(f"-- {time.perf_counter() - started:.0f} s")


def _result(plan: Plan, folder: Path) -> Result:
    result = measure(make(plan, folder))
    say(_line(result))
    return result


def _line(result: Result) -> str:
    """One market in a line, to see how far the run is."""
    ours = result.ours
    return (
        f"{result.plan.name:<18} {result.accounts:>6,} accounts  precision {ours.scores.pair_precision:.4f}  "
        f"connected {ours.connected_recall:.4f}  made in {result.made_seconds:.0f} s, resolved in {ours.seconds:.1f} s"
    )


def _print(results: Sequence[Result], pictured: Sequence[Result]) -> None:
    """All tables: pooled over `results`, a line a market also for those with pictures."""
    operators = sum(r.plan.operators for r in results)
    print(f"{len(results)} markets of {operators:,} operators with {sum(r.accounts for r in results):,} accounts\n")
    _pooled("Pooled over the markets without pictures", results)
    if pictured:
        _pooled("Pooled over the markets with pictures", pictured)
    _show("Markets", (_market(r) for r in [*results, *pictured]))
    _by_size(results)
    _causes(results, "")
    _causes(pictured, ", markets with pictures")
    _soft(results)
    _judged([*results, *pictured])
    _verdict(pooled_outcomes([r.ours for r in results]))


def _pooled(title: str, results: Sequence[Result]) -> None:
    ours = pooled_outcomes([r.ours for r in results])
    rows = {OURS: ours} | _naive(results) | _splink(results)
    _show(title, (_row(name, found) for name, found in rows.items()))


def _naive(results: Sequence[Result]) -> dict[str, Outcome]:
    return {name: pooled_outcomes([r.naive[name] for r in results]) for name in results[0].naive}


def _splink(results: Sequence[Result]) -> dict[str, Outcome]:
    """Each at the usual threshold, and at the one of the best pairwise F1, which only the truth can tell."""
    rows = {}
    for name, by_threshold in results[0].splink.items():
        sweep = {t: pooled_outcomes([r.splink[name][t] for r in results]) for t in by_threshold}
        usual, best_f1 = SPLINK_THRESHOLDS[0], max(sweep, key=lambda t: sweep[t].scores.pair_f1)
        rows[f"{name}: from {usual}"] = sweep[usual]
        rows[f"  from {best_f1}, its best by the truth ({'own' if 'own' in name else 'all'})"] = sweep[best_f1]
    return rows


def _show(title: str, rows: Iterable[Mapping[str, Any]]) -> None:
    emit(pa.Table.from_pylist([dict(row) for row in rows]), Form.TABLE, title)
    print()


def _row(name: str, found: Outcome) -> dict[str, Any]:
    return {"": name} | _figures(found) | {"wrong pairs": found.wrong, "seconds": f"{found.seconds:.1f}"}


def _figures(found: Outcome) -> dict[str, Any]:
    scores = found.scores
    return {
        "precision": f"{scores.pair_precision:.4f}",
        "recall": f"{scores.pair_recall:.4f}",
        "connected": f"{found.connected_recall:.4f}",
        "beyond": f"{found.beyond_recall:.4f}",
        "B-cubed F1": f"{scores.bcubed_f1:.4f}",
    }


def _market(result: Result) -> dict[str, Any]:
    more = {"true pairs": result.ours.scores.true_pairs, "connected pairs": result.ours.connected}
    named = {"seed-operators": result.plan.name, "accounts": result.accounts} | more
    return named | _figures(result.ours) | {"wrong pairs": result.ours.wrong, "seconds": f"{result.ours.seconds:.1f}"}


def _by_size(results: Sequence[Result]) -> None:
    rows = []
    for size in dict.fromkeys(r.plan.operators for r in results):
        group = [r for r in results if r.plan.operators == size]
        accounts, pairs = sum(r.accounts for r in group), sum(r.pairs for r in group)
        figures = _figures(pooled_outcomes([r.ours for r in group]))
        rows.append(
            {"operators": size, "accounts": accounts, "pairs compared an account": f"{pairs / accounts:.2f}"} | figures
        )
    _show("By size of market; pairs compared an account stay alike where pairs grow linearly", rows)


def _causes(results: Sequence[Result], which: str) -> None:
    if not results or (causes := pool([r.evaluation for r in results]).causes) is None:
        return
    for title, rows in cause_tables(causes).items():
        _show(title + which, rows.to_pylist())
    own = own_precision(causes.roles), own_recall(causes.roles)
    print(f"contacts taken for own: precision {own[0]:.4f}, recall {own[1]:.4f}{which}\n")


def _soft(results: Sequence[Result]) -> None:
    """What each threshold alone would find, pooled; the best of them is chosen by the truth, which no user has."""
    sweep = [(t, pooled_outcomes([r.sweep[t] for r in results])) for t in THRESHOLDS]
    ours = pooled_outcomes([r.ours for r in results])
    rows = [("as resolved", ours), *((f"{t:g}", o) for t, o in sweep)]
    title = "Soft evidence: what a threshold alone gives, without the guard on large groups"
    _show(title, ({"threshold": name} | _figures(o) | {"wrong pairs": o.wrong} for name, o in rows))
    found = best(sweep, PRECISION)
    if found is None:
        print(f"no threshold alone reaches a precision of {PRECISION}\n")
        return
    threshold, outcome = found
    recall, beyond = outcome.scores.pair_recall, outcome.beyond_recall
    print(
        f"at precision {PRECISION} and more: threshold {threshold:g} alone finds {recall:.4f} of all true pairs, "
        f"{beyond:.4f} of those that nothing connects\n"
    )


def _judged(results: Sequence[Result]) -> None:
    judged = [r.judged for r in results]
    count, broken = sum(j.judgements for j in judged), sum(j.not_honoured for j in judged)
    inside, changed, outside = (sum(getattr(j, name) for j in judged) for name in ("inside", "changed", "outside"))
    print(
        f"{count} judgements on {len(judged)} markets: {broken} not honoured; of {inside:,} accounts of the judged "
        f"sellers {changed:,} changed company;\nelsewhere {outside:,} accounts changed (must be 0); "
        f"resolved in {sum(j.seconds for j in judged):.1f} s"
    )
    for r in results:
        if r.judged.outside:
            print(f"  {r.plan.name}: {r.judged.outside} accounts elsewhere")


def _verdict(ours: Outcome) -> None:
    precision, recall = ours.scores.pair_precision, ours.connected_recall
    reached = "reached" if precision >= PRECISION and recall >= RECALL else "NOT reached"
    print(
        f"\nasked: precision {PRECISION}, {RECALL} of the connected pairs; "
        f"found: {precision:.4f} and {recall:.4f}: {reached}"
    )
