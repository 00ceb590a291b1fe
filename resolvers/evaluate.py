"""Compare sellers with a known truth: pairwise and B-cubed precision, recall and F1."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.stores import GraphStore
from resolvers.sellers import EARLIER_ACCOUNTS
from sellergraph.errors import UsageError

OPERATOR_COLUMNS = ("operator_id", "seller_id")
NAMED = 20


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


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores, and what could not be compared.

    Attributes:
        only_in_truth, only_in_graph: numbers of accounts that one side alone knows; `missing` and `extra`
            name the first 20 of each.
    """

    scores: Scores
    operators: int
    sellers: int
    only_in_truth: int
    only_in_graph: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def evaluate(store: GraphStore, truth_file: Path) -> Evaluation:
    """Compare the graph's sellers with a truth file (`read_truth`).

    Raises:
        UsageError: the file cannot be used, or the graph has no sellers yet.
    """
    truth = read_truth(truth_file)
    rows = store.read(EARLIER_ACCOUNTS)
    found = dict(zip(rows["account"].to_pylist(), rows["seller"].to_pylist(), strict=True))
    if not found:
        raise UsageError("the case has no sellers yet; run 'sellergraph resolve' first")
    if not truth.keys() & found.keys():
        raise UsageError(
            f"{truth_file}: none of its {len(truth):,} accounts is in the case; is it another case's truth?"
        )
    return compare(truth, found)


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


def evaluate_assignment(truth: Mapping[str, str], found: Mapping[str, str]) -> Scores:
    """Score account -> seller id against account -> operator id."""
    common = [account for account in truth if account in found]
    true_sizes = Counter(truth[account] for account in common)
    found_sizes = Counter(found[account] for account in common)
    cells = Counter((truth[account], found[account]) for account in common)
    true_pairs, found_pairs = _pairs(true_sizes.values()), _pairs(found_sizes.values())
    right = _pairs(cells.values())
    precision, recall = _ratio(right, found_pairs), _ratio(right, true_pairs)
    by_found = _ratio(sum(n * n / found_sizes[seller] for (_, seller), n in sorted(cells.items())), len(common))
    by_true = _ratio(sum(n * n / true_sizes[operator] for (operator, _), n in sorted(cells.items())), len(common))
    return Scores(
        accounts=len(common),
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


def _pairs(sizes: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)


def _ratio(part: float, whole: int) -> float:
    return min(part / whole, 1.0) if whole else 1.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def read_truth(path: Path) -> dict[str, str]:
    """Return account id -> operator id from a CSV (account_id, operator_id or seller_id) or a truth.json.

    Raises:
        UsageError: naming file, line and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text") from error
    truth = _from_json(path, text) if path.suffix.lower() == ".json" else _from_csv(path, text)
    if not truth:
        raise UsageError(f"{path}: names no account")
    return truth


def _from_csv(path: Path, text: str) -> dict[str, str]:
    reader = csv.DictReader(text.splitlines())
    names = reader.fieldnames or ()
    column = next((name for name in OPERATOR_COLUMNS if name in names), None)
    if column is None or "account_id" not in names:
        raise UsageError(f"{path}: needs the columns account_id and operator_id; found {', '.join(names) or 'none'}")
    truth: dict[str, str] = {}
    try:
        for row in reader:
            _add(truth, row["account_id"], row[column], f"{path}:{reader.line_num}")
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: is not CSV: {error}") from error
    return truth


def _from_json(path: Path, text: str) -> dict[str, str]:
    """Either account -> operator, or the simulator's truth.json with 'accounts': {id: {'operator': …}}."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is not JSON: {error}") from error
    accounts = value.get("accounts", value) if isinstance(value, dict) else None
    if not isinstance(accounts, dict):
        raise UsageError(f"{path}: is not an object of accounts")
    truth: dict[str, str] = {}
    for account, entry in accounts.items():
        _add(truth, account, entry.get("operator") if isinstance(entry, dict) else entry, f"{path}: {account}")
    return truth


def _add(truth: dict[str, str], account: object, operator: object, where: str) -> None:
    if not (isinstance(account, str) and account.strip() and isinstance(operator, str) and operator.strip()):
        raise UsageError(f"{where}: lacks an account or its operator")
    if truth.setdefault(account.strip(), operator.strip()) != operator.strip():
        raise UsageError(f"{where}: {account.strip()} has two operators")
