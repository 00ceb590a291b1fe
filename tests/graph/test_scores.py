"""Scores by scheme, and ranks under other weights."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graph.schemes import Part, Scheme
from graph.scores import order_of, points, score, shaken_ranks

KNOWN = {
    "ads": Part("ads", "log", 0, ""),
    "growth": Part("growth", "linear", 1, ""),
    "reach": Part("reach", "linear", 0, ""),
}


def parts(**columns: list[float]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table({name: [0] * rows for name in ("ads", "active_days", "platforms")} | columns)


def test_logarithms_are_taken_against_the_largest_and_growth_against_one_doubling_at_least() -> None:
    table = parts(ads=[0, 9, 99], growth=[-2.0, 0.25, 0.5], reach=[0, 0, 0])
    found = points(table, Scheme("s", "", {"ads": 1.0, "growth": 2.0, "reach": 1.0}), KNOWN)
    assert found["ads"].tolist() == pytest.approx([0, 12.5, 25])
    assert found["growth"].tolist() == pytest.approx([0, 12.5, 25])
    assert found["reach"].tolist() == [0, 0, 0]


def test_the_first_in_every_part_has_100() -> None:
    table = parts(ads=[3, 7], growth=[1.0, 2.0])
    assert score(table, Scheme("s", "", {"ads": 5.0, "growth": 0.1}), KNOWN).tolist()[1] == 100


def test_ties_go_by_ads_then_days_then_platforms_then_place() -> None:
    table = parts(ads=[1, 2, 2, 2, 2], active_days=[9, 1, 2, 2, 2], platforms=[9, 9, 1, 2, 2])
    assert order_of(table, np.zeros(5)).tolist() == [3, 4, 2, 1, 0]


def test_ranks_move_only_where_the_scheme_weighs_several_parts() -> None:
    table = parts(ads=[100, 50], growth=[0.0, 0.2])
    alone = list(shaken_ranks(table, Scheme("s", "", {"ads": 1.0}), KNOWN))
    assert [ranks[0].tolist() for ranks in alone] == [[1, 2]]
    # 50 ads are .852 of 100 in logarithms; .2 of a doubling makes up for it at .74 of the weight and above.
    close = [ranks[0].tolist() for ranks in shaken_ranks(table, Scheme("s", "", {"ads": 1.0, "growth": 0.7}), KNOWN)]
    assert (len(close), close[0]) == (5, [1, 2])
    assert [2, 1] in close


def test_equal_scores_span_the_tie() -> None:
    table = parts(ads=[5, 9, 5, 5, 1])
    [(high, low)] = shaken_ranks(table, Scheme("s", "", {"ads": 1.0}), KNOWN)
    assert (high.tolist(), low.tolist()) == ([2, 1, 2, 2, 5], [4, 1, 4, 4, 5])


def test_nothing_has_no_ranks() -> None:
    table = parts(ads=[])
    assert [len(ranks[0]) for ranks in shaken_ranks(table, Scheme("s", "", {"ads": 1.0}), KNOWN)] == [0]
