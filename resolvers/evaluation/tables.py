"""An evaluation as tables that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from resolvers.evaluation.results import Causes, Evaluation, record

LISTS = ("wrong_merges", "wrong_links", "missed_merges", "roles", "reliability")
_OF_A_CASE = (
    "accounts", "pair_precision", "pair_recall", "bcubed_f1", "connected_recall", "own_precision", "own_recall",
)  # fmt: skip


def headline(found: Evaluation) -> dict[str, Any]:
    """The figures, without the tables."""
    return {name: value for name, value in record(found).items() if name not in LISTS}


def case_table(names: Sequence[str], found: Sequence[Evaluation]) -> pa.Table:
    """A line a case."""
    figures = [record(case) for case in found]
    rows = [{"case": n, **{k: f.get(k) for k in _OF_A_CASE}} for n, f in zip(names, figures, strict=True)]
    return pa.Table.from_pylist(rows)


def cause_tables(causes: Causes) -> dict[str, pa.Table]:
    """Title -> table, those that have rows."""
    wrong = [
        {
            "cause": cause,
            "pairs of accounts": causes.wrong_merges.get(cause, 0),
            "links": causes.wrong_links.get(cause, 0),
        }
        for cause in causes.wrong_merges | causes.wrong_links
    ]
    missed = [{"what ties them": cause, "pairs of accounts": pairs} for cause, pairs in causes.missed_merges.items()]
    roles = [
        {"truly": r.role, "taken for own": r.read_own, "for another's": r.read_not_own, "not read": r.unread}
        for r in causes.roles
    ]
    tables = {
        "Wrong merges by cause": wrong,
        "Missed merges by what ties the accounts": missed,
        "Contacts of accounts: whose they truly are, and whose they were taken to be": roles,
        "Are probabilities right?": _curve(causes),
    }
    return {title: pa.Table.from_pylist(rows) for title, rows in tables.items() if rows}


def _curve(causes: Causes) -> list[dict[str, Any]]:
    """Rows of the reliability curve, of bins that have pairs; four digits, for near 1 three say nothing."""
    return [
        {
            "probability": f"{b.low:g} to {b.high:g}",
            "pairs": b.pairs,
            "mean probability": f"{b.mean_probability:.4f}",
            "truly one operator's": f"{b.true_share:.4f}",
        }
        for b in causes.reliability
        if b.pairs
    ]
