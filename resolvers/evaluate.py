"""Compare sellers with a known truth: how right they are and, of made-up markets, why some are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from graph.stores import GraphStore
from resolvers.evaluation.missed import missed_merges
from resolvers.evaluation.reading import read_matches, read_uses
from resolvers.evaluation.reliability import reliability
from resolvers.evaluation.results import NAMED, Causes, Evaluation, by_size, pool, record
from resolvers.evaluation.roles import count_roles
from resolvers.evaluation.scores import Scores, evaluate_assignment
from resolvers.evaluation.truth import Truth, read_truth_file
from resolvers.evaluation.wrong import wrong_merges
from resolvers.sellers import EARLIER_ACCOUNTS
from sellergraph.errors import UsageError

__all__ = [
    "Causes",
    "Evaluation",
    "Scores",
    "compare",
    "evaluate",
    "evaluate_assignment",
    "pool",
    "read_truth",
    "record",
]


def evaluate(store: GraphStore, truth_file: Path) -> Evaluation:
    """Compare the graph's sellers with a truth file (`evaluation.truth.read_truth_file`).

    Raises:
        UsageError: the file cannot be used, or the graph has no sellers yet.
    """
    truth = read_truth_file(truth_file)
    rows = store.read(EARLIER_ACCOUNTS)
    found = dict(zip(rows["account"].to_pylist(), rows["seller"].to_pylist(), strict=True))
    if not found:
        raise UsageError("the case has no sellers yet; run 'sellergraph resolve' first")
    if not truth.operators.keys() & found.keys():
        raise UsageError(
            f"{truth_file}: none of its {len(truth.operators):,} accounts is in the case; is it another case's truth?"
        )
    compared = compare(truth.operators, found)
    if not truth.detailed:
        return compared
    return replace(compared, causes=_causes(store, truth, found, compared.scores))


def compare(truth: Mapping[str, str], found: Mapping[str, str]) -> Evaluation:
    """Return scores and the accounts that one side alone knows."""
    missing, extra = sorted(set(truth) - set(found)), sorted(set(found) - set(truth))
    return Evaluation(
        scores=evaluate_assignment(truth, found),
        operators=len(set(truth.values())),
        sellers=len(set(found.values())),
        only_in_truth=len(missing),
        only_in_graph=len(extra),
        missing=tuple(missing[:NAMED]),
        extra=tuple(extra[:NAMED]),
    )


def _causes(store: GraphStore, truth: Truth, found: Mapping[str, str], scores: Scores) -> Causes:
    accounts = [account for account in truth.operators if account in found]
    known = pa.table(
        {
            "account": accounts,
            "operator": [truth.operators[account] for account in accounts],
            "seller": [found[account] for account in accounts],
        }
    )
    connected = evaluate_assignment(truth.group, found)
    matches = read_matches(store)
    wrong = wrong_merges(truth, known, matches, scores.found_pairs - scores.right_pairs)
    return Causes(
        connected_pairs=connected.true_pairs,
        connected_found=connected.right_pairs,
        wrong_merges=by_size(wrong.pairs),
        wrong_links=by_size(wrong.links),
        missed_merges=by_size(missed_merges(truth, found)),
        roles=count_roles(truth, known, read_uses(store)),
        reliability=reliability(known, matches),
    )


def read_truth(path: Path) -> dict[str, str]:
    """Return account id -> operator id from a truth file.

    Raises:
        UsageError: naming file, line and what is wrong.
    """
    return read_truth_file(path).operators
