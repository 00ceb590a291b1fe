"""Survival curves against SciPy's, and against a market whose lifetimes are known."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graph.survival import CURVE, HORIZONS, curve_of, kaplan_meier, median_of, share_after


def _curve(days: list[int], stopped: list[int]) -> dict[str, Any]:
    return curve_of("forum", np.array(days, np.int64), np.array(stopped, bool))


def test_a_curve_by_hand() -> None:
    # Of five one stops on day 10; of the three left on day 40 (one was followed for 20 days only) one; then none.
    row = _curve([10, 20, 40, 100, 400], [1, 0, 1, 0, 0])
    assert list(row) == CURVE.names
    assert (row["accounts"], row["stopped"], row["censored"], row["median_days"]) == (5, 2, 3, None)
    assert row["survival_30"] == pytest.approx(4 / 5)
    assert row["survival_90"] == row["survival_365"] == pytest.approx(4 / 5 * 2 / 3)
    # Greenwood: 1 / (5 * 4), then 1 / (3 * 2) more; the 95 % interval of log(-log S).
    half = 1.959963984540054 * np.sqrt(1 / 20 + 1 / 6) / abs(np.log(8 / 15))
    assert row["low_90"] == pytest.approx((8 / 15) ** np.exp(half))
    assert row["high_90"] == pytest.approx((8 / 15) ** np.exp(-half))


@pytest.mark.parametrize(
    ("days", "stopped", "at_30", "median"),
    [
        ([], [], (None, None, None), None),
        ([0, 0], [0, 0], (None, None, None), None),  # began when nobody could be seen to stop any more
        ([29, 29], [0, 0], (None, None, None), None),  # nobody was followed so long
        ([31, 31], [0, 0], (1.0, None, None), None),
        ([1, 30], [1, 1], (0.0, None, None), 1),
        ([30, 30], [1, 0], (0.5, 0.006, 0.9104), 30),
    ],
)
def test_what_nothing_is_known_of_is_not_claimed(
    days: list[int], stopped: list[int], at_30: tuple[float | None, ...], median: int | None
) -> None:
    row = _curve(days, stopped)
    found = (row["survival_30"], row["low_30"], row["high_30"])
    assert found == tuple(value if value is None else pytest.approx(value, abs=1e-4) for value in at_30)
    assert row["median_days"] == median


@pytest.mark.parametrize("seed", range(20))
def test_the_curve_is_scipys(seed: int) -> None:
    from scipy.stats import CensoredData, ecdf

    days, stopped = _random(seed)
    theirs = ecdf(CensoredData(uncensored=days[stopped], right=days[~stopped])).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where nobody is left the interval is undefined
        bounds = theirs.confidence_interval(0.95, method="log-log")
    steps = kaplan_meier(days, stopped)
    for horizon in HORIZONS:
        share, low, high = share_after(steps, horizon)
        if share is None or not 0 < share < 1:
            continue
        expected = [float(curve.evaluate(horizon)) for curve in (theirs, bounds.low, bounds.high)]
        assert [share, low, high] == pytest.approx(expected, abs=1e-8)
    half = theirs.quantiles[np.flatnonzero(theirs.probabilities <= 0.5 + 1e-12)]
    assert median_of(steps) == (int(half[0]) if len(half) else None)


def _random(seed: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    random = np.random.default_rng(seed)
    days = random.integers(1, 500, random.integers(5, 80))
    return days, random.random(len(days)) < random.random()
