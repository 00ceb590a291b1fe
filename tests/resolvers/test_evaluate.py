"""Scores against a plain count, and truth files that cannot be used."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.evaluate import compare, evaluate_assignment, read_truth
from sellergraph.errors import UsageError

ACCOUNTS = [f"p|{n}" for n in range(8)]
assignments = st.lists(st.sampled_from("uvwx"), min_size=8, max_size=8).map(
    lambda v: dict(zip(ACCOUNTS, v, strict=True))
)


def brute_force(truth: dict[str, str], found: dict[str, str]) -> tuple[float, float, float, float]:
    """Pairwise precision and recall, B-cubed precision and recall, by their definitions."""
    common = sorted(set(truth) & set(found))
    together = [(a, b) for a, b in combinations(common, 2) if found[a] == found[b]]
    belong = [(a, b) for a, b in combinations(common, 2) if truth[a] == truth[b]]
    right = set(together) & set(belong)
    precisions, recalls = [], []
    for account in common:
        cluster = {other for other in common if found[other] == found[account]}
        operator = {other for other in common if truth[other] == truth[account]}
        precisions.append(len(cluster & operator) / len(cluster))
        recalls.append(len(cluster & operator) / len(operator))
    return (
        len(right) / len(together) if together else 1.0,
        len(right) / len(belong) if belong else 1.0,
        sum(precisions) / len(common) if common else 1.0,
        sum(recalls) / len(common) if common else 1.0,
    )


@given(truth=assignments, found=assignments, kept=st.sets(st.sampled_from(ACCOUNTS)))
def test_scores_are_those_of_the_definitions(truth: dict[str, str], found: dict[str, str], kept: set[str]) -> None:
    part = {account: found[account] for account in found if account in kept}
    scores = evaluate_assignment(truth, part)
    measured = (scores.pair_precision, scores.pair_recall, scores.bcubed_precision, scores.bcubed_recall)
    assert measured == pytest.approx(brute_force(truth, part))


@given(truth=assignments, found=assignments)
def test_swapping_the_sides_swaps_precision_and_recall(truth: dict[str, str], found: dict[str, str]) -> None:
    one, other = evaluate_assignment(truth, found), evaluate_assignment(found, truth)
    assert one.bcubed_precision == pytest.approx(other.bcubed_recall)
    assert one.pair_precision == pytest.approx(other.pair_recall)
    assert one.bcubed_f1 == pytest.approx(other.bcubed_f1)


@given(assignments)
def test_the_truth_is_perfect_under_any_names(truth: dict[str, str]) -> None:
    scores = evaluate_assignment(truth, {account: f"seller:{value}" for account, value in truth.items()})
    assert (scores.pair_f1, scores.bcubed_f1) == (1.0, 1.0)


def test_a_known_case() -> None:
    truth = {"a": "1", "b": "1", "c": "2", "d": "2"}
    scores = evaluate_assignment(truth, {"a": "x", "b": "x", "c": "x", "d": "y"})
    assert (scores.found_pairs, scores.true_pairs, scores.right_pairs) == (3, 2, 1)
    assert scores.pair_precision == pytest.approx(1 / 3)
    assert scores.pair_recall == 0.5
    assert scores.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert scores.bcubed_recall == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)


def test_accounts_of_one_side_alone_are_counted_and_named() -> None:
    found = compare({"a": "1", "b": "1"}, {"b": "x", "c": "x"})
    assert (found.only_in_truth, found.missing) == (1, ("a",))
    assert (found.only_in_graph, found.extra) == (1, ("c",))
    assert found.scores.accounts == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "account_id,operator_id\nx|1,op-1\nx|2,op-2\n"),
        ("t.csv", "\ufeffaccount_id,seller_id,more\r\nx|1,op-1,\r\nx|2,op-2,\r\n"),
        ("t.json", json.dumps({"x|1": "op-1", "x|2": "op-2"})),
        ("t.json", json.dumps({"accounts": {"x|1": {"operator": "op-1"}, "x|2": {"operator": "op-2"}}})),
    ],
)
def test_truth_files_that_can_be_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_truth(tmp_path / name) == {"x|1": "op-1", "x|2": "op-2"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"account,operator\nx,1\n", "needs the columns account_id and operator_id; found account, operator"),
        ("t.csv", b"", "found none"),
        ("t.csv", b"account_id,operator_id\n", "names no account"),
        ("t.csv", b"account_id,operator_id\nx|1,op\nx|2,\n", "t.csv:3: lacks an account or its operator"),
        ("t.csv", b"account_id,operator_id\nx|1\n", "t.csv:2: lacks an account or its operator"),
        ("t.csv", b"account_id,operator_id\nx|1,a\nx|1,b\n", r"t.csv:3: x\|1 has two operators"),
        ("t.csv", b"\xff\xfe\x00", "is not UTF-8 text"),
        ("t.json", b"{", "is not JSON"),
        ("t.json", b"[1]", "is not an object of accounts"),
        ("t.json", b'{"accounts": {"x|1": 3}}', r"x\|1: lacks an account or its operator"),
        ("none.csv", None, "cannot be read: No such file"),
    ],
)
def test_truth_files_that_cannot_be_used(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_truth(tmp_path / name)


def test_the_same_line_twice_is_no_contradiction(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("account_id,operator_id\nx|1,a\nx|1,a\n")
    assert read_truth(tmp_path / "t.csv") == {"x|1": "a"}
