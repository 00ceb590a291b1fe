"""The share of accounts that last longer than a number of days, with its uncertainty, from lifetimes and ends.

E. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, 1958; the variance is M. Greenwood's
(1926), the interval that of log(-log S), which stays between 0 and 1 (J. Kalbfleisch, R. Prentice, The statistical
analysis of failure time data, 1980).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.facts import COUNT, NUMBER, TEXT

HORIZONS = (30, 90, 180, 365)
# The normal distribution's quantile for 95 % between both sides.
_Z = 1.959963984540054
# Digits after the point: sums of logarithms differ in their last digits from one machine to the next.
_DIGITS = 9

CURVE = pa.schema(
    [("platform", TEXT), ("accounts", COUNT), ("stopped", COUNT), ("censored", COUNT), ("median_days", COUNT)]
    + [(f"{name}_{days}", NUMBER) for days in HORIZONS for name in ("survival", "low", "high")]
)


class Steps(NamedTuple):
    """A survival curve: from `days[i]` on, until the next, it is `share[i]`; `spread[i]` is Greenwood's sum there.

    Attributes:
        days: ascending, those on which somebody stopped, shape (n,).
        share: 0 to 1. spread: sum of d / (n (n - d)); infinite where nobody is left.
        last: longest follow-up; beyond it nothing is known unless nobody is left.
    """

    days: NDArray[np.int64]
    share: NDArray[np.float64]
    spread: NDArray[np.float64]
    last: int


def kaplan_meier(days: NDArray[np.int64], stopped: NDArray[np.bool_]) -> Steps:
    """The curve of accounts followed for `days`, of which those `stopped` ended then.

    Who was followed for less than a day tells nothing. Ends and follow-ups of the same day: ends come first.
    """
    told = days >= 1
    days, stopped = days[told], stopped[told]
    times, ended = np.unique(days[stopped], return_counts=True)
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    with np.errstate(divide="ignore"):
        spread = np.cumsum(ended / (at_risk * (at_risk - ended)))
    share = np.cumprod(1 - ended / at_risk, dtype=np.float64)
    return Steps(times, share, spread, int(days.max(initial=0)))


def median_of(steps: Steps) -> int | None:
    """The first day after which at most half are left; None when that was not reached."""
    # Products of many fractions that make exactly one half end beside it.
    below = np.flatnonzero(steps.share.round(_DIGITS) <= 0.5)
    return int(steps.days[below[0]]) if len(below) else None


def share_after(steps: Steps, days: int) -> tuple[float | None, float | None, float | None]:
    """Share that lasts longer than `days`, and its 95 % interval; see `graph.displacement.survival` for None."""
    place = int(np.searchsorted(steps.days, days, side="right")) - 1
    share = float(steps.share[place]) if place >= 0 else 1.0
    if days > steps.last and share > 0:
        return None, None, None
    if not 0 < share < 1:
        return share, None, None
    width = _Z * math.sqrt(steps.spread[place]) / abs(math.log(share))
    low, high = share ** math.exp(width), share ** math.exp(-width)
    return round(share, _DIGITS), round(low, _DIGITS), round(high, _DIGITS)


def curve_of(platform: str | None, days: NDArray[np.int64], stopped: NDArray[np.bool_]) -> dict[str, Any]:
    """One row of CURVE.

    Args:
        days: follow-up of each account. stopped: whether it ended with an end.
    """
    steps, ended = kaplan_meier(days, stopped), int(stopped.sum())
    row: dict[str, Any] = {"platform": platform, "accounts": len(days), "stopped": ended, "censored": len(days) - ended}
    row["median_days"] = median_of(steps)
    for horizon in HORIZONS:
        names = (f"survival_{horizon}", f"low_{horizon}", f"high_{horizon}")
        row |= dict(zip(names, share_after(steps, horizon), strict=True))
    return row
