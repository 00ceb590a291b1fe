"""Links between accounts as numbers, and the connected components that they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bits = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Edges:
    """Links, one an element, each pair of nodes once, sorted.

    Attributes:
        left, right: nodes, which are places in a list of accounts; left < right.
        bits: match weight; infinite where an analyst judged the two accounts the same.
    """

    left: Ints
    right: Ints
    bits: Bits

    def __len__(self) -> int:
        return len(self.left)

    def where(self, keep: Flags | Ints) -> Edges:
        """The links that a mask or an array of places chooses."""
        return Edges(self.left[keep], self.right[keep], self.bits[keep])

    def without(self, places: Ints | list[int]) -> Edges:
        """All links but those at these places."""
        return self.where(others(len(self), places))

    def numbered(self, names: Ints) -> Edges:
        """The same links among nodes that are called by their new numbers."""
        return Edges(names[self.left], names[self.right], self.bits)


def others(count: int, places: Ints | list[int]) -> Ints:
    """The numbers below `count` that are not among `places`, in order."""
    left = np.ones(count, dtype=np.bool_)
    left[places] = False
    return np.flatnonzero(left)


def distinct(left: Ints, right: Ints, bits: Bits) -> Edges:
    """Links in any order and direction, also several times or of an account with itself, as `Edges`.

    Of one pair given twice the heavier link counts.
    """
    low, high = np.minimum(left, right), np.maximum(left, right)
    count = int(high.max(initial=0)) + 1
    key = low * count + high
    order = np.argsort(key)
    order = order[low[order] < high[order]]
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    heaviest = np.maximum.reduceat(bits[order], first) if len(first) else np.zeros(0)
    return Edges(key[first] // count, key[first] % count, heaviest)


def components(count: int, edges: Edges) -> Ints:
    """For each of `count` nodes the smallest node of its connected component."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not count:
        return np.zeros(0, dtype=np.int64)
    ones = np.ones(len(edges), dtype=np.int8)
    found, labels = connected_components(coo_array((ones, (edges.left, edges.right)), (count, count)), directed=False)
    first = np.empty(found, dtype=np.int64)
    # Of several writes to one place the last one stays: the smallest node's.
    first[labels[::-1]] = np.arange(count - 1, -1, -1)
    named: Ints = first[labels]
    return named
