"""Sellers with uncertain merges taken back, and with likely ones made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from graph.hops import Hops
from graph.market import Market
from graph.regroupings import regroupings

NOTHING: Any = None
PAIRS = pa.schema(
    [("left_id", pa.string()), ("right_id", pa.string()), ("probability", pa.float64()), ("joined", pa.bool_())]
)
JUDGED = pa.schema([("left_id", pa.string()), ("right_id", pa.string()), ("same", pa.bool_())])


def regrouped(sellers: str, pairs: list[tuple[str, str, float, bool]], judged: list[tuple[str, str, bool]] = ()) -> Any:
    """The groups of accounts a, b, c, ... whose sellers are the digits of `sellers`, as sets of accounts."""
    market = Market(
        facts=NOTHING,
        hops=Hops(NOTHING, NOTHING),
        uses=NOTHING,
        pairs=pa.Table.from_pylist([dict(zip(PAIRS.names, pair, strict=True)) for pair in pairs], schema=PAIRS),
        judged=pa.Table.from_pylist([dict(zip(JUDGED.names, pair, strict=True)) for pair in judged], schema=JUDGED),
        members=NOTHING,
    )
    names = "abcdefgh"[: len(sellers)]
    units = pa.table({"name": list(names), "unit": pa.array(range(len(names)), pa.int32())})
    given = np.array([-1 if digit == "-" else int(digit) for digit in sellers], dtype=np.int64)
    found = []
    for numbers in regroupings(market, units, given):
        groups = {int(n): "".join(a for a, m in zip(names, numbers, strict=True) if m == n) for n in numbers if n >= 0}
        found.append(sorted(groups.values()))
    return found


def test_nothing_uncertain_gives_nothing() -> None:
    assert regrouped("001", [("a", "b", 0.995, True), ("a", "c", 0.4, False)]) == []
    assert regrouped("", []) == []


def test_an_uncertain_merge_is_taken_back_where_it_alone_holds_the_seller_together() -> None:
    assert regrouped("0001", [("a", "b", 0.95, True), ("b", "c", 0.999, True)]) == [["a", "bc", "d"]]
    assert regrouped("000", [("a", "b", 0.95, True), ("b", "c", 0.999, True), ("a", "c", 0.999, True)]) == [["abc"]]


def test_what_was_judged_the_same_stays_together() -> None:
    assert regrouped("000", [("a", "b", 0.95, True), ("b", "c", 0.95, True)], [("a", "b", True)]) == [["ab", "c"]]


def test_likely_pairs_are_put_together_and_accounts_without_a_seller_stay_out() -> None:
    assert regrouped("01-2", [("a", "b", 0.6, False), ("a", "c", 0.8, False)]) == [["ab", "d"]]
    assert regrouped("0123", [("a", "b", 0.6, False), ("b", "c", 0.6, False), ("c", "d", 0.49, False)]) == [
        ["abc", "d"]
    ]


def test_what_was_judged_different_is_not_put_together_also_by_a_chain() -> None:
    chain = [("a", "b", 0.6, False), ("b", "c", 0.6, False)]
    assert regrouped("0123", [*chain, ("c", "d", 0.3, False)], [("a", "c", False)]) == [["a", "b", "c", "d"]]
    assert regrouped("01234", [*chain, ("d", "e", 0.7, False)], [("a", "c", False)]) == [["a", "b", "c", "de"]]
