"""A source of chance that depends on nothing but its name: no clock, no hash order, no Python version."""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Every draw goes through `random()`, whose sequence Python guarantees for a seed.

    Args:
        name: parts of the stream's name, e.g. the market's seed and 'posts'; equal names give equal draws.
    """

    def __init__(self, *name: object) -> None:
        self.random = random.Random("/".join(map(str, name))).random

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def below(self, count: int) -> int:
        """An integer from 0 to count - 1."""
        return int(self.random() * count)

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One item, drawn in proportion to its weight."""
        sums = list(accumulate(weights))
        return items[min(bisect(sums, self.random() * sums[-1]), len(items) - 1)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        result, random = list(items), self.random
        for last in range(len(result) - 1, 0, -1):
            other = int(random() * (last + 1))
            result[last], result[other] = result[other], result[last]
        return result

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items, or all of them in a new order."""
        return self.shuffled(items)[:count]

    def lognormal(self, sigma: float) -> float:
        """A positive factor around 1."""
        turn = 2 * math.pi * self.random()
        return math.exp(sigma * math.cos(turn) * math.sqrt(-2 * math.log(1 - self.random())))


def share_out(total: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """Split `total` into whole parts in proportion to the weights (largest remainders), `least` each."""
    spare, whole = max(total - least * len(weights), 0), sum(weights)
    if not weights or whole <= 0:
        return [least] * len(weights)
    exact = [spare * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    by_rest = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_rest[: spare - sum(parts)]:
        parts[i] += 1
    return [part + least for part in parts]
