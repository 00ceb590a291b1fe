"""What each strategy takes away, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from graph.disruption.connections import largest_left
from graph.disruption.coverage import Amounts, Floats, Ints, Objective, Picks, losses, pick_greedily
from graph.disruption.dismantling import dismantle
from graph.disruption.numbering import MICRO, By, Numbered
from graph.disruption.strategies import DRAWS, at_random
from graph.disruption.words import guarantee_words, why_words
from graph.facts import COUNT, NUMBER, TEXT

What = Literal["all", "ads", "protection", "routes", "network"]
GREEDY, VOLUME, BETWEENNESS, RANDOM = "greedy", "volume", "betweenness", "random"
_SHARES = ("lost", "ads", "ads_cut_off", "protection", "routes", "network")
_CURVE = pa.schema([("strategy", TEXT), ("k", COUNT), *((name, NUMBER) for name in _SHARES)])
_CHOSEN = pa.schema(
    [("strategy", TEXT), ("step", COUNT), ("id", TEXT), ("name", TEXT), ("gain", NUMBER), ("ads", COUNT), ("why", TEXT)]
)
_ALL = ("ads", "protection", "routes")
Names = Callable[[Sequence[str]], Mapping[str, str]]


class Lost(NamedTuple):
    """(most + 1) what is gone after each number of removals, and how many the largest network has left."""

    hit: Amounts
    cut_off: Ints
    left: Ints


@dataclass(frozen=True)
class Guarantee:
    """How near the greedy choice is to the best one.

    Attributes:
        words: for the whole of it, for people to read.
        certificate: no set of so many takes away more than what was chosen does divided by this; 0 to 1, None where
            nothing is known (networks) or there is nothing to lose.
        each: the same for k = 0, 1, …; empty where it is None.
    """

    words: str
    certificate: float | None
    each: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """Strategies over one trade, for 0 to `most` removals."""

    numbered: Numbered
    by: By
    what: What
    most: int

    @cached_property
    def objective(self) -> Objective:
        """What is to be lost; of networks see `shares`."""
        return Objective(_ALL if self.what == "all" else (self.what,), self.numbered.stakes.totals)

    @cached_property
    def picks(self) -> Picks:
        """The greedy choice."""
        if self.what == "network":
            return Picks(dismantle(self.numbered.connections, self.most), np.empty(0))
        return pick_greedily(self.numbered.stakes, self.objective, self.most)

    def lost(self, order: Sequence[int]) -> Lost:
        """What goes with these targets, one after another."""
        gone = losses(self.numbered.stakes, order, self.most)
        return Lost(gone.hit, gone.cut_off, _networks(largest_left(self.numbered.connections, order, self.most)))

    def mean(self, seed: int) -> dict[str, Floats]:
        """Shares lost at random, the mean of DRAWS; whole numbers are summed, so that nothing is rounded on the way."""
        draws = [self.lost(order) for order in at_random(self.numbered.stakes.count, self.most, seed)]
        hit = Amounts(*(np.sum(each, axis=0) for each in zip(*(draw.hit for draw in draws), strict=True)))
        cut_off, left = (np.sum([draw[place] for draw in draws], axis=0) for place in (1, 2))
        return self.shares(Lost(hit, cut_off, left), DRAWS)

    def shares(self, lost: Lost, draws: int = 1) -> dict[str, Floats]:
        """The columns of the curve: (most + 1) shares lost, 0 to 1; of nothing nothing is lost."""
        totals = self.numbered.stakes.totals
        parts = {name: _share(getattr(lost.hit, name), getattr(totals, name) * draws) for name in _ALL}
        parts["ads_cut_off"] = _share(lost.cut_off, totals.ads * draws)
        parts["network"] = _share(lost.left[0] - lost.left, lost.left[0])
        whole = parts["network"] if self.what == "network" else self.objective(lost.hit) / draws
        return {name: whole if name == "lost" else parts[name] for name in _SHARES}

    def curve(self, lost: Mapping[str, Lost | dict[str, Floats]]) -> pa.Table:
        """strategy, k and the shares lost, in the order given."""
        tables = list[pa.Table]()
        for name, each in lost.items():
            shares = each if isinstance(each, dict) else self.shares(each)
            columns = [[name] * (self.most + 1), np.arange(self.most + 1), *shares.values()]
            tables.append(
                pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, _CURVE, strict=True)], schema=_CURVE)
            )
        return pa.concat_tables(tables)

    def chosen(self, orders: Mapping[str, Sequence[int]], lost: Mapping[str, Lost], names: Names) -> pa.Table:
        """strategy, step, id, name, gain, ads, why."""
        ids = sorted({self.numbered.ids[target] for order in orders.values() for target in order})
        named = names(ids)
        rows = [row for name, order in orders.items() for row in self._steps(name, order, lost[name], named)]
        return pa.Table.from_pylist(rows, schema=_CHOSEN)

    def _steps(self, strategy: str, order: Sequence[int], lost: Lost, names: Mapping[str, str]) -> list[dict[str, Any]]:
        gains, ads = np.diff(self.shares(lost)["lost"]).tolist(), np.diff(self.numbered.stakes.starts)
        words = [why_words(step, self.numbered.counted) for step in self._differences(lost)]
        return [
            {
                "strategy": strategy,
                "step": place + 1,
                "id": (key := self.numbered.ids[target]),
                "name": names.get(key, key),
                "gain": gains[place],
                "ads": int(ads[target]),
                "why": words[place],
            }
            for place, target in enumerate(order)
        ]

    def _differences(self, lost: Lost) -> list[dict[str, Any]]:
        """What each step adds (see why_words)."""
        columns = {
            "ads": np.diff(lost.hit.ads),
            "ads_cut_off": np.diff(lost.cut_off),
            "protection": np.diff(self.shares(lost)["protection"]),
            "routes": np.diff(lost.hit.routes),
            "network_before": lost.left[:-1],
            "network_after": lost.left[1:],
        }
        values = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in values]

    def guarantee(self, greedy: Lost) -> Guarantee:
        """How near the greedy choice is to the best."""
        stakes, known = self.numbered.stakes, self.what != "network" and bool(self.objective.present)
        if not known or not stakes.count:
            return Guarantee(guarantee_words(self.by, self.what, stakes.modular, self.most, None), None, ())
        reached = self.objective(greedy.hit)
        each = np.where(reached < self.picks.bounds, reached / np.maximum(self.picks.bounds, 1e-300), 1.0)
        if stakes.modular:
            each = np.ones_like(each)
        words = guarantee_words(self.by, self.what, stakes.modular, self.most, float(each[-1]))
        return Guarantee(words, float(each[-1]), tuple(each.tolist()))

    def totals(self) -> dict[str, Any]:
        """What there is before anything is removed."""
        stakes = self.numbered.stakes
        largest = _networks(largest_left(self.numbered.connections, [], 0))[0]
        return {
            "targets": stakes.count,
            "ads": int(stakes.totals.ads),
            "protection": int(stakes.totals.protection) / MICRO,
            "routes": int(stakes.totals.routes),
            "network": int(largest),
            "counted": self.numbered.counted,
        }


def _networks(largest: Ints) -> Ints:
    """Sizes of networks: one alone is none."""
    return np.where(largest > 1, largest, 0)


def _share(part: Ints, whole: Ints) -> Floats:
    return part / whole if whole > 0 else np.zeros(len(part))
