"""Choose targets whose removal takes most away, where what a set takes away is a sum or a coverage.

A seller's or an account's ads and routes are nobody else's: what a set takes away is the sum of what each one takes. An
ad may show several contacts: what a set of contacts takes away is a coverage, which grows less the more is gone already
(monotone and submodular). Gains are kept exact while ads fall, so that no lazy list (Minoux 1978) is needed: all k
steps together cost one pass over the ads that are hit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Amounts(NamedTuple):
    """Advertisements, protection in millionths, routes: whole numbers, so that no sum depends on its order."""

    ads: Ints
    protection: Ints
    routes: Ints


@dataclass(frozen=True)
class Stakes:
    """What each target takes away with it.

    Attributes:
        starts: (targets + 1), where each target's ads start in `ads`.
        ads: number of an ad, from 0; each at most once a target.
        degrees: (ads), how many targets each ad shows.
        micro: (ads), protection of each ad in millionths.
        routes: (targets), routes that only this target carries.
        totals: what there is in all, that of no known target included; arrays of no dimension.
    """

    starts: Ints
    ads: Ints
    degrees: Ints
    micro: Ints
    routes: Ints
    totals: Amounts

    @property
    def count(self) -> int:
        """Number of targets."""
        return len(self.routes)

    @property
    def modular(self) -> bool:
        """No ad is shared: what a set takes away is the sum of what each takes."""
        return bool(self.degrees.max(initial=0) <= 1)

    def ads_of(self, target: int) -> Ints:
        """Numbers of the target's ads."""
        return self.ads[self.starts[target] : self.starts[target + 1]]

    def each(self) -> Amounts:
        """(targets) what each one alone takes away."""
        sums = np.concatenate([[0], np.cumsum(self.micro[self.ads])])
        return Amounts(np.diff(self.starts), sums[self.starts[1:]] - sums[self.starts[:-1]], self.routes.copy())


@dataclass(frozen=True)
class Objective:
    """The share of what there is: of one thing, or the mean of the shares of those that there are at all."""

    parts: tuple[str, ...]
    totals: Amounts

    def __call__(self, amounts: Amounts) -> Floats:
        """Share, 0 to 1, of each element; greater amounts never have a smaller share."""
        shares = [getattr(amounts, part) / getattr(self.totals, part) for part in self.present]
        return np.asarray(sum(shares) / len(shares) if shares else amounts.ads * 0.0)

    @property
    def present(self) -> tuple[str, ...]:
        """The parts of which the case has any."""
        return tuple(part for part in self.parts if getattr(self.totals, part) > 0)


class Picks(NamedTuple):
    """Targets in the order chosen; `bounds` (most + 1): no set of so many takes away a greater share."""

    order: list[int]
    bounds: Floats


def pick_greedily(stakes: Stakes, objective: Objective, most: int) -> Picks:
    """At each step the target that takes most of what is left; of equals the one with more ads, then the first.

    Stops where nothing is left to take.

    Returns:
        For every S_i on the way, f(S_i) plus the k largest gains at S_i bounds what any k can take away (Nemhauser,
        Wolsey and Fisher 1978; as a certificate Leskovec et al. 2007): the least of them is given for each k.
    """
    field = _Field(stakes)
    bounds = np.full(most + 1, np.inf)
    order = list[int]()
    for _ in range(most + 1):
        scores = objective(field.gains)
        bounds = np.minimum(bounds, _bounds(field, scores, objective, most))
        if len(order) == most or not scores.max(initial=0.0) > 0:
            break
        order.append(_best(scores, stakes))
        field.take(order[-1])
    return Picks(order, bounds)


def _best(scores: Floats, stakes: Stakes) -> int:
    equal = np.flatnonzero(scores == scores.max())
    return int(equal[np.argmax(np.diff(stakes.starts)[equal])])


def _bounds(field: _Field, scores: Floats, objective: Objective, most: int) -> Floats:
    """(most + 1) what is gone plus the k largest gains."""
    top = np.argsort(-scores, kind="stable")[:most] if len(scores) <= most else _largest(scores, most)
    sums = Amounts(*(gone + _padded(np.cumsum(gain[top]), most) for gone, gain in zip(*field.state(), strict=True)))
    return objective(sums)


def _largest(scores: Floats, most: int) -> npt.NDArray[np.intp]:
    # Which of several equals are taken does not matter: their sum is the same.
    top = np.argpartition(-scores, most)[:most]
    return top[np.argsort(-scores[top], kind="stable")]


def _padded(sums: Ints, most: int) -> Ints:
    """A 0 before; the last sum for those that do not exist."""
    return np.pad(np.concatenate([[0], sums]), (0, most - len(sums)), mode="edge")


class _Field:
    """What is left to gain while targets are taken."""

    def __init__(self, stakes: Stakes) -> None:
        self.stakes, self.gains = stakes, stakes.each()
        self.gone = [0, 0, 0]
        self.open = np.ones(len(stakes.micro), dtype=bool)
        self.turned = None if stakes.modular else _turned(stakes)

    def state(self) -> tuple[list[int], Amounts]:
        """What is gone, and each target's gain."""
        return self.gone, self.gains

    def take(self, target: int) -> None:
        """Remove the target and its ads from everybody's gains."""
        self.gone = [gone + int(gain[target]) for gone, gain in zip(self.gone, self.gains, strict=True)]
        self.gains.routes[target] = 0
        if self.turned is None:
            self.gains.ads[target] = self.gains.protection[target] = 0
            return
        ads = self.stakes.ads_of(target)
        fresh = ads[self.open[ads]]
        self.open[fresh] = False
        owners, which = rows_of(*self.turned, fresh)
        np.subtract.at(self.gains.ads, owners, 1)
        np.subtract.at(self.gains.protection, owners, self.stakes.micro[which])


def _turned(stakes: Stakes) -> tuple[Ints, Ints]:
    """Targets by ad: where each ad's start, and the targets."""
    owners = np.repeat(np.arange(stakes.count), np.diff(stakes.starts))
    starts = np.concatenate([[0], np.cumsum(np.bincount(stakes.ads, minlength=len(stakes.micro)))])
    return starts, owners[np.argsort(stakes.ads, kind="stable")]


def rows_of(starts: Ints, values: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """The values of all wanted rows, one after another, and beside each the row that it is of."""
    lengths = starts[wanted + 1] - starts[wanted]
    offsets = np.repeat(starts[wanted] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return values[offsets + np.arange(lengths.sum())], np.repeat(wanted, lengths)


class Losses(NamedTuple):
    """(most + 1) what is gone after each number of removals; `cut_off`: ads none of whose targets is left."""

    hit: Amounts
    cut_off: Ints


def losses(stakes: Stakes, order: Sequence[int], most: int) -> Losses:
    """What is gone after the first 0, 1, … of the order; where it ends early, the last holds on."""
    targets = np.asarray(order, dtype=np.int64)
    ads, _ = rows_of(stakes.starts, stakes.ads, targets)
    steps = np.repeat(np.arange(len(targets)), stakes.starts[targets + 1] - stakes.starts[targets])
    hit, first, seen = np.unique(ads, return_index=True, return_counts=True)
    # Rows are in the order of steps: the last one of an ad is the first from behind.
    last = len(ads) - 1 - np.unique(ads[::-1], return_index=True)[1]
    whole = last[seen == stakes.degrees[hit]]
    return Losses(
        Amounts(
            _summed(steps[first], np.ones(len(hit), dtype=np.int64), most),
            _summed(steps[first], stakes.micro[hit], most),
            _summed(np.arange(len(targets)), stakes.routes[targets], most),
        ),
        _summed(steps[whole], np.ones(len(whole), dtype=np.int64), most),
    )


def _summed(steps: npt.NDArray[np.int64], amounts: Ints, most: int) -> Ints:
    """(most + 1) the sum of the amounts of all steps before."""
    sums = np.zeros(most + 1, dtype=np.int64)
    np.add.at(sums, steps + 1, amounts)
    return np.cumsum(sums)
