"""Pairwise and B-cubed precision, recall and F1 of an assignment, alone or pooled over cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scores:
    """How an assignment agrees with the truth, over the accounts that both know.

    Pairwise: precision is the part of the pairs put together that belong together, recall the part of
    those that belong together which were. B-cubed: the same for the cluster of each account, averaged over
    accounts. Nothing claimed is precise and nothing to find is found: 1.0.
    """

    accounts: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float


def evaluate_assignment(truth: Mapping[str, str], found: Mapping[str, str]) -> Scores:
    """Score account -> seller id against account -> operator id."""
    common = [account for account in truth if account in found]
    true_sizes = Counter(truth[account] for account in common)
    found_sizes = Counter(found[account] for account in common)
    cells = Counter((truth[account], found[account]) for account in common)
    by_found = ratio(sum(n * n / found_sizes[seller] for (_, seller), n in sorted(cells.items())), len(common))
    by_true = ratio(sum(n * n / true_sizes[operator] for (operator, _), n in sorted(cells.items())), len(common))
    pairs = pair_count(true_sizes.values()), pair_count(found_sizes.values()), pair_count(cells.values())
    return _scores(len(common), pairs, by_found, by_true)


def pooled(scores: Sequence[Scores]) -> Scores:
    """The scores of all cases taken as one: pairs are summed, and every account counts once."""
    accounts = sum(s.accounts for s in scores)
    pairs = sum(s.true_pairs for s in scores), sum(s.found_pairs for s in scores), sum(s.right_pairs for s in scores)
    by_found = ratio(sum(s.bcubed_precision * s.accounts for s in scores), accounts)
    by_true = ratio(sum(s.bcubed_recall * s.accounts for s in scores), accounts)
    return _scores(accounts, pairs, by_found, by_true)


def _scores(accounts: int, pairs: tuple[int, int, int], by_found: float, by_true: float) -> Scores:
    true_pairs, found_pairs, right = pairs
    precision, recall = ratio(right, found_pairs), ratio(right, true_pairs)
    return Scores(
        accounts=accounts,
        true_pairs=true_pairs,
        found_pairs=found_pairs,
        right_pairs=right,
        pair_precision=precision,
        pair_recall=recall,
        pair_f1=_harmonic(precision, recall),
        bcubed_precision=by_found,
        bcubed_recall=by_true,
        bcubed_f1=_harmonic(by_found, by_true),
    )


def pair_count(sizes: Iterable[int]) -> int:
    """Number of pairs within groups of these sizes."""
    return sum(n * (n - 1) // 2 for n in sizes)


def ratio(part: float, whole: int) -> float:
    """A part from 0 to 1; 1 of nothing."""
    return min(part / whole, 1.0) if whole else 1.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
