"""How few post most of it."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest

from graph.concentration import concentration, gini
from graph.facts import read_facts
from graph.stores.base import GraphStore


@pytest.mark.parametrize(
    ("ads", "coefficient"),
    [([], 0), ([5], 0), ([2, 2, 2], 0), ([1, 3], 0.25), ([1, 1, 1, 97], 0.72), ([0, 0, 10], 2 / 3)],
)
def test_gini(ads: list[int], coefficient: float) -> None:
    """Half the mean difference of all pairs over the mean."""
    assert gini(pa.table({"ads": pa.array(ads, pa.int64())})) == pytest.approx(coefficient)
    pairs = [abs(a - b) for a in ads for b in ads]
    if pairs:
        assert gini(pa.table({"ads": ads})) == pytest.approx(sum(pairs) / len(pairs) / 2 / (sum(ads) / len(ads)))


def test_the_curve_can_be_narrowed(market: GraphStore) -> None:
    facts = read_facts(market)
    assert concentration(facts, species="tiger")["cumulative"].to_pylist() == [1.0]
    assert concentration(facts, platform="weibo")["ads"].to_pylist() == [1, 1]
    early = concentration(facts, since=datetime(2018, 3, 2), until=datetime(2018, 3, 10), by="account")
    assert early.select(["id", "ads"]).to_pylist() == [{"id": "xianyu|a", "ads": 3}, {"id": "weibo|b", "ads": 1}]
